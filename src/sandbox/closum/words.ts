import { NASTY_NAMES } from '../data/words.ts'

/** In the order of the alphabet, which is not that of their ids. */
const CITY_NAMES = [
  'Abrantes',
  'Águeda',
  'Albufeira',
  'Alcobaça',
  'Almada',
  'Amarante',
  'Angra do Heroísmo',
  'Aveiro',
  'Barcelos',
  'Beja',
  'Braga',
  'Bragança',
  'Caldas da Rainha',
  'Câmara de Lobos',
  'Cascais',
  'Castelo Branco',
  'Chaves',
  'Coimbra',
  'Covilhã',
  'Elvas',
  'Évora',
  'Faro',
  'Figueira da Foz',
  'Funchal',
  'Guarda',
  'Guimarães',
  'Lagos',
  'Leiria',
  'Lisboa',
  'Loulé',
  'Mafra',
  'Matosinhos',
  'Óbidos',
  'Olhão',
  'Peniche',
  'Ponta Delgada',
  'Porto',
  'Póvoa de Varzim',
  'Santarém',
  'Setúbal',
  'Sines',
  'Tavira',
  'Tomar',
  'Torres Vedras',
  'Viana do Castelo',
  'Vila Nova de Gaia',
  'Vila Real',
  'Viseu',
] as const

/** Leads into an order that is its own: coprime to the number of cities, so that each gets an id. */
const CITY_STEP = 29

export const CITIES = CITY_NAMES.map((city_name, i) => ({
  id: ((i * CITY_STEP) % CITY_NAMES.length) + 1,
  city_name,
}))

/** Names that break careless code, those that no database takes as they are among them. */
export const NASTY_LEAD_NAMES = [
  ...NASTY_NAMES,
  'João Conceição',
  'O\'Neill "Ana"',
  'Nul\u0000 inside',
  'Half a pair \ud83d',
] as const

/** What people have put where JSON text belongs. */
export const NASTY_CUSTOM_DATA = [
  '{not json',
  '[1,"dois",null]',
  '',
  'null',
  '"só texto"',
  '{"nif":"001","nif":"002"}',
  '{"ref":12345678901234567890}',
  // Valid JSON, and yet no database takes the character that it stands for.
  '{"nota":"a\\u0000b"}',
  "{'nif': '509000000'}",
] as const

export const ORIGINS = ['feira', 'site', 'indicação', 'folheto "Verão"'] as const

/** Calling codes as people write them: text, at times with zeros before it or without anything. */
export const EXTENSIONS = ['351', '351', '351', '34', '001', '00351', ''] as const

export const NASTY_PHONE_NUMBERS = [
  '0012',
  '000',
  '1e5',
  '517-388-1452',
  '00 351 910 000 001',
] as const
