import type { JsonRecord } from '../../../core/json.ts'
import type { Random } from '../../data/random.ts'
import {
  CITIES,
  FIRST_NAMES,
  LAST_NAMES,
  SENTENCES,
  STREETS,
  TITLES,
  companyName,
  nastyName,
  phoneNumber,
} from '../../data/words.ts'
import { money, pickSome, type Build } from './build.ts'
import { dateTime } from './times.ts'

const INDUSTRIES = ['Technology', 'Energy', 'Banking', 'Retail', ''] as const
const TAGS = ['a', 'b,c', 'größer', '"quoted"'] as const
const ROLES = ['CTO', 'Buyer', 'Decision Maker', null] as const

/** A name is whole only with what it is made of, as the service computes it. */
export function personName({ salutationName, firstName, lastName }: JsonRecord): string {
  const parts = [salutationName, firstName, lastName]
  return parts.filter((part): part is string => typeof part === 'string' && part !== '').join(' ')
}

export const buildAccount: Build = (context) => {
  const { random, index } = context
  return {
    record: {
      name: nastyName(index) ?? companyName(random),
      website: random.chance(0.6) ? `https://company-${index}.example` : null,
      ...reachableAt(random, `hq${index}@company.example`),
      type: random.pick(['Customer', 'Investor', 'Partner', 'Reseller', '']),
      industry: random.pick(INDUSTRIES),
      sicCode: random.chance(0.3) ? `0${100 + random.int(900)}` : null,
      ...address(random, 'billingAddress'),
      ...(random.chance(0.4) ? address(random, 'shippingAddress') : {}),
      campaignId: random.chance(0.2) ? context.pick('Campaign') : null,
      description: random.chance(0.5) ? random.pick(SENTENCES) : null,
      cEmployees: random.chance(0.5) ? random.int(50_000) : null,
      cTags: tags(random),
    },
  }
}

export const buildContact: Build = (context) => {
  const { random, index } = context
  const accounts = pickSome(context, 'Account', 2).map((id) => ({
    id,
    columns: { role: random.pick(ROLES), isInactive: random.chance(0.1) },
  }))
  const [primary] = accounts
  return {
    record: {
      ...person(random),
      accountId: primary?.id ?? null,
      accountRole: primary?.columns.role ?? null,
      accountIsInactive: primary?.columns.isInactive ?? false,
      title: random.chance(0.3) ? null : random.pick(TITLES),
      ...reachableAt(random, `contact.${index}@people.example`),
      doNotCall: random.chance(0.1),
      ...address(random, 'address'),
      campaignId: random.chance(0.2) ? context.pick('Campaign') : null,
      description: random.chance(0.4) ? random.pick(SENTENCES) : null,
      cLoyaltyTier: random.chance(0.6) ? random.pick(['gold', 'silver', '1']) : null,
      cTags: tags(random),
    },
    links: { accounts },
  }
}

export const buildLead: Build = (context) => {
  const { random, index, modified } = context
  const status = random.pick(['New', 'Assigned', 'In Process', 'Converted', 'Recycled', 'Dead'])
  const isConverted = status === 'Converted'
  return {
    record: {
      ...person(random),
      title: random.chance(0.4) ? random.pick(TITLES) : null,
      status,
      source: random.pick(['Web Site', 'Call', 'Campaign', '']),
      industry: random.pick(INDUSTRIES),
      ...money(random, 'opportunityAmount', 20_000),
      website: random.chance(0.3) ? `https://lead-${index}.example` : null,
      ...address(random, 'address'),
      ...reachableAt(random, `lead.${index}@leads.example`),
      doNotCall: random.chance(0.1),
      accountName: nastyName(index) ?? companyName(random),
      campaignId: random.chance(0.3) ? context.pick('Campaign') : null,
      createdAccountId: isConverted ? context.pick('Account') : null,
      createdContactId: isConverted ? context.pick('Contact') : null,
      convertedAt: isConverted && modified !== null ? dateTime(modified) : null,
      description: random.chance(0.5) ? random.pick(SENTENCES) : null,
      cScore: random.chance(0.5) ? (random.chance(0.5) ? random.int(100) : 7.5) : null,
      cLegacyCode: random.chance(0.2) ? `00${random.int(100)}` : null,
    },
  }
}

/** A first name can be missing; a last name can't. */
export function person(random: Random): JsonRecord {
  const parts = {
    salutationName: random.chance(0.3) ? random.pick(['Mr.', 'Ms.', 'Dr.']) : null,
    firstName: random.chance(0.1) ? null : random.pick(FIRST_NAMES),
    lastName: random.pick(LAST_NAMES),
  }
  return { name: personName(parts), ...parts }
}

export function reachableAt(random: Random, email: string): JsonRecord {
  return {
    emailAddress: random.chance(0.85) ? email : null,
    emailAddressIsOptedOut: random.chance(0.05),
    emailAddressIsInvalid: random.chance(0.02),
    phoneNumber: random.chance(0.7) ? phoneNumber(random).phone : null,
    phoneNumberIsOptedOut: false,
    phoneNumberIsInvalid: false,
  }
}

function address(random: Random, field: string): JsonRecord {
  const { city, state, zipcode, country } = random.pick(CITIES)
  return {
    [`${field}Street`]: random.pick(STREETS) + (random.chance(0.2) ? '\n2º' : ''),
    [`${field}City`]: city,
    [`${field}State`]: state === '' ? null : state,
    [`${field}Country`]: country,
    [`${field}PostalCode`]: zipcode,
  }
}

function tags(random: Random): string[] {
  const first = random.int(TAGS.length)
  return Array.from({ length: random.int(3) }, (_, i) => TAGS[(first + i) % TAGS.length]!)
}
