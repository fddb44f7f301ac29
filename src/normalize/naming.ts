import { createHash } from 'node:crypto'

/** How keys become names. `direct` keeps them as they are, as far as databases can hold them. */
export type NamingConvention = 'snake_case' | 'direct'

/** Makes identifiers from keys; the same key always gives the same identifier. */
export interface Naming {
  /** One key as an identifier of at most `maxIdentifierBytes`: `createdAt` is `created_at`. */
  identifier(key: string): string
  /** Identifiers as the name of what they lead to: `address`, `zip_code` is `address__zip_code`. */
  join(identifiers: readonly string[]): string
  /**
   * `name`, or when it is taken, `name` with a suffix hashed from the spelling of what is to be named.
   * Names that differ only in case count as the same: SQLite can't tell them apart.
   */
  distinct(name: string, spelling: string, taken: (lowerCased: string) => boolean): string
}

const SEPARATOR = '__'
const EMPTY_KEY = '_empty'

export function createNaming(convention: NamingConvention, maxIdentifierBytes: number): Naming {
  const convert = convention === 'direct' ? keepName : toSnakeCase
  const identifier = (key: string): string =>
    shortenIdentifier(convert(key), key.trim(), maxIdentifierBytes)
  return {
    identifier,
    join(identifiers) {
      const name = identifiers.join(SEPARATOR)
      return shortenIdentifier(name, name, maxIdentifierBytes)
    },
    distinct(name, spelling, taken) {
      let candidate = name
      for (let salt = ''; taken(candidate.toLowerCase()); salt += '+') {
        const tag = nameTag(spelling + salt)
        candidate = `${cutBytes(name, maxIdentifierBytes - tag.length - 1)}_${tag}`
      }
      return candidate
    },
  }
}

/**
 * A key in snake case, exactly as dlt spells it, so that tables keep their column names when they move here.
 * A double underscore in a key separates a path, as in a name: its parts are converted one by one.
 */
export function toSnakeCase(key: string): string {
  const trimmed = key.trim()
  if (trimmed === '') return EMPTY_KEY
  // Underscores at the end belong to the last part.
  const [, path = '', trailing = ''] = /^(.*?)(_*)$/s.exec(trimmed)!
  const parts = path.split(SEPARATOR).filter((part) => part.trim() !== '')
  const last = (parts.pop() ?? '') + trailing
  return [...parts, last].map(snakeCasePart).join(SEPARATOR)
}

const SYMBOL_WORDS: Readonly<Record<string, string>> = {
  '+': 'x',
  '*': 'x',
  '-': '_',
  '@': 'a',
  '|': 'l',
}

function snakeCasePart(part: string): string {
  const snake = part
    .trim()
    .replaceAll(/[+*\-@|]/g, (symbol) => SYMBOL_WORDS[symbol]!)
    .replaceAll(/[^a-zA-Z\d_]+/g, '_')
    .replaceAll(/([^_])([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
  return snake
    .replace(/^(?=\d)/, '_')
    .replace(/_+$/, (trailing) => 'x'.repeat(trailing.length))
    .replaceAll(/_{2,}/g, '_')
}

/** A key as it is, but for what no database takes in a name: NUL and lone surrogates. */
function keepName(key: string): string {
  // String.prototype.toWellFormed is in Node 20 but not yet in the es2023 library types.
  const name = (key.trim() as string & { toWellFormed(): string })
    .toWellFormed()
    .replaceAll('\0', '')
  return name === '' ? EMPTY_KEY : name
}

/** `name` cut to `maxBytes`: its two ends around a tag hashed from `original`, as dlt cuts names. */
export function shortenIdentifier(name: string, original: string, maxBytes: number): string {
  const bytes = Buffer.from(name)
  if (bytes.length <= maxBytes) return name
  const tag = nameTag(original)
  const room = maxBytes - tag.length
  const tail = Math.floor(room / 2)
  return cutBytes(name, room - tail) + tag + cutBytesFromStart(bytes, tail)
}

/** Six characters that tell spellings apart: 4 bytes of SHAKE128 in base64 without symbols and upper case. */
function nameTag(spelling: string): string {
  const digest = createHash('shake128', { outputLength: 4 }).update(spelling).digest('base64')
  return digest.replace(/=+$/, '').replaceAll('/', 'a').replaceAll('+', 'b').toLowerCase()
}

const isContinuation = (byte: number | undefined): boolean => ((byte ?? 0) & 0xc0) === 0x80

/** The longest start of a text that fits into `maxBytes` of UTF-8. */
function cutBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  let end = maxBytes
  while (isContinuation(bytes[end])) end--
  return bytes.toString('utf8', 0, end)
}

function cutBytesFromStart(bytes: Buffer, keep: number): string {
  let start = bytes.length - keep
  while (isContinuation(bytes[start])) start++
  return bytes.toString('utf8', start)
}

/** Column names that are never given to a field: Sluice's own, and those Postgres keeps for itself. */
export const RESERVED_COLUMNS: ReadonlySet<string> = new Set([
  '_dlt_id',
  '_dlt_load_id',
  '_dlt_parent_id',
  '_dlt_list_idx',
  '_dlt_root_id',
  '_dlt_valid_from',
  '_dlt_valid_to',
  '_sluice_deleted_at',
  'tableoid',
  'xmin',
  'cmin',
  'xmax',
  'cmax',
  'ctid',
])

/** Whether a table name belongs to the system tables of Sluice or of SQLite. */
export function isReservedTable(name: string): boolean {
  return /^(?:_dlt_|_sluice_|sqlite_)/i.test(name)
}
