import type { Random } from './random.ts'

export const FIRST_NAMES = [
  'Ines',
  'Ben',
  'Zoë',
  'Amara',
  'Łukasz',
  'Nguyễn',
  'Sean',
  'María José',
  'Øyvind',
  '美咲',
  'Priya',
  'Tom',
] as const

export const LAST_NAMES = [
  'Okafor',
  "O'Neill",
  'Müller-Ünal',
  'Castro',
  'Nowak',
  'van der Berg',
  '佐藤',
  'Smith',
  'D’Angelo',
  'Ivanova',
] as const

const COMPANY_HEADS = [
  'Northwind',
  'Blue Harbor',
  'Acorn',
  'Silverline',
  'Kestrel',
  'Granite',
  'Lumen',
  'Fairway',
  'Pioneer',
  'Redwood',
  'Summit',
  'Juniper',
] as const

const COMPANY_TAILS = [
  'Trading',
  'Logistics',
  'Labs',
  'Foods',
  'Systems',
  'Studios',
  'Partners',
  'Energy',
  'Health',
  'Robotics',
] as const

const COMPANY_FORMS = ['GmbH', 'Ltd', 'Inc.', 'S.A.', 'LLC', 'B.V.', 'Oy', ''] as const

/** Names that break careless code: quoting, line ends, scripts, look-alikes of numbers and of nothing. */
export const NASTY_NAMES = [
  'Northwind "Trading", GmbH',
  '株式会社ミナト',
  "Robert'); DROP TABLE leads;--",
  'Rocket 🚀 Labs 👩‍🚀',
  'Two\nLines Ltd',
  'Tab\tand\\backslash',
  '  padded  ',
  'مؤسسة النور',
  '0012',
  '2024-02-30',
  'null',
  'Separator\u2028Here & <Sons>',
  '',
] as const

export const CITIES = [
  { city: 'Berlin', state: 'BE', zipcode: '10119', country: 'DE' },
  { city: 'Dresden', state: 'SN', zipcode: '01067', country: 'DE' },
  { city: 'Boston', state: 'MA', zipcode: '02108', country: 'US' },
  { city: 'San Francisco', state: 'CA', zipcode: '94103', country: 'US' },
  { city: 'Porto', state: '', zipcode: '4000-322', country: 'PT' },
  { city: '東京都', state: '', zipcode: '100-0001', country: 'JP' },
] as const

export const STREETS = ['Torstraße 1', 'Howard St 747', 'Rua das Flores 12', 'Main St 9'] as const

export const TITLES = ['CEO', 'VP Ops', 'Head of "Growth"', 'Buyer', 'Geschäftsführer'] as const

export const SENTENCES = [
  'Met at the expo, wants a demo.',
  'Asked for a quote; budget ok\nlegal pending',
  'Said: "call me next week".',
  'Prefers e-mail. 👍',
  'No answer, left a voicemail',
  '価格について問い合わせ',
] as const

/** The name of the lead at an index, when it is one of the nasty ones: every eighth, so that 200 leads have them all. */
export function nastyName(index: number): string | undefined {
  return index % 8 === 5 ? NASTY_NAMES[(index >> 3) % NASTY_NAMES.length] : undefined
}

export function companyName(random: Random): string {
  const form = random.pick(COMPANY_FORMS)
  const name = `${random.pick(COMPANY_HEADS)} ${random.pick(COMPANY_TAILS)}`
  return form === '' ? name : `${name} ${form}`
}

/** A phone number as text; some start with zeros, which no number type would keep. */
export function phoneNumber(random: Random): { phone: string; phone_formatted: string } {
  if (random.chance(0.03)) return { phone: '0012', phone_formatted: '0012' }
  const digits = String(1_000_000 + random.int(9_000_000))
  return random.chance(0.5)
    ? { phone: `+4930${digits}`, phone_formatted: `+49 30 ${digits}` }
    : {
        phone: `+1415${digits}`,
        phone_formatted: `+1 415-${digits.slice(0, 3)}-${digits.slice(3)}`,
      }
}
