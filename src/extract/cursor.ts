import { SluiceError } from '../core/errors.ts'
import type { JsonValue } from '../core/json.ts'
import {
  dateOrTimestamp,
  isCalendarTime,
  microsToTimestamp,
  nearestTimestamp,
  timestampToMicros,
} from '../core/time.ts'

/**
 * A cursor value in the form that compares: a canonical timestamp for times, the number for `number`,
 * the text for `string`. Two positions of one endpoint are always of the same kind.
 */
export type Position = string | number | bigint

/** A cursor translates between a record's cursor field, positions, and what the API wants as a bound. */
export interface Cursor {
  readonly kind: 'time' | 'number' | 'string'
  /** The position of a field's value; null when it is missing, null or empty. Throws CURSOR_INVALID. */
  position(value: JsonValue | undefined): Position | null
  /** A bound as the API wants it. Coarser formats round outwards: a lower bound down, an upper one up. */
  format(position: Position, side: 'lower' | 'upper'): JsonValue
  /** The position that a formatted lower bound really stands for, after rounding. */
  floor(position: Position): Position
  /** The position that a formatted upper bound really stands for, after rounding. */
  ceil(position: Position): Position
  /** The position one unit of the format earlier; the same where there is no such thing (text, the earliest time). */
  before(position: Position): Position
  /** The position a duration earlier, or the earliest time; only times have one, others are returned as they are. */
  minus(position: Position, millis: number): Position
}

const MICROS_PER: Readonly<Record<string, bigint>> = {
  yyyy: 86_400_000_000n,
  MM: 86_400_000_000n,
  dd: 86_400_000_000n,
  HH: 3_600_000_000n,
  mm: 60_000_000n,
  ss: 1_000_000n,
}
const PATTERN_TOKEN = /yyyy|MM|dd|HH|mm|ss|S{1,6}|'([^']*)'/g
/** A quoted text, or one letter as often as it is repeated. */
const LETTER_RUN = /'[^']*'|(\p{L})\1*/gu
const KNOWN_RUN = /^(?:yyyy|MM|dd|HH|mm|ss|S{1,6}|T|Z)$/
/** Epoch seconds reach this in the year 5138; epoch milliseconds passed it in 1973. */
const LEAST_EPOCH_MS = 100_000_000_000

/** The cursor for a configured format: `iso`, `date`, `epoch`, `epoch_ms`, `number`, `string` or a pattern. */
export function createCursor(format: string): Cursor {
  if (format === 'number') return numberCursor
  if (format === 'string') return stringCursor
  return timeCursor(format)
}

/** The position of a value; null where there is none, or it can't be read. */
export function readable(cursor: Cursor, value: JsonValue | undefined): Position | null {
  try {
    return cursor.position(value)
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    return null
  }
}

/** Negative, zero or positive, as `a` is before, at or after `b`. */
export function comparePositions(a: Position, b: Position): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The formats that are a pattern rather than a name are checked when the file is read. */
export function formatProblem(format: string): string | undefined {
  if (['iso', 'date', 'epoch', 'epoch_ms', 'number', 'string'].includes(format)) return undefined
  const runs = [...format.matchAll(LETTER_RUN)].flatMap(([run]) =>
    run.startsWith("'") ? [] : [run],
  )
  if (!runs.includes('yyyy')) {
    return `"${format}" is neither iso, date, epoch, epoch_ms, number, string nor a pattern with yyyy`
  }
  const unknown = runs.find((run) => !KNOWN_RUN.test(run))
  const wrong = unknown ?? (/^(?:[^']|'[^']*')*$/.test(format) ? undefined : "'")
  return wrong === undefined
    ? undefined
    : `"${wrong}" in the pattern "${format}" stands for nothing; a pattern is made of yyyy, MM, dd, HH, mm, ss, S to SSSSSS, T and Z, and other letters in single quotes`
}

function timeCursor(format: string): Cursor {
  const unit = unitMicros(format)
  const floorMicros = (micros: bigint) => micros - (((micros % unit) + unit) % unit)
  const floor = (position: Position) =>
    microsToTimestamp(floorMicros(timestampToMicros(position as string)))
  const ceil = (position: Position) => {
    const micros = timestampToMicros(position as string)
    const floored = floorMicros(micros)
    return nearestTimestamp(floored < micros ? floored + unit : floored)
  }
  return {
    kind: 'time',
    position(value) {
      if (value === undefined || value === null || value === '') return null
      if (typeof value === 'string') {
        const timestamp = dateOrTimestamp(value)
        if (timestamp !== null) return timestamp
      }
      const micros = epochMicros(value, format)
      if (micros !== null && isCalendarTime(micros)) return microsToTimestamp(micros)
      throw new SluiceError('CURSOR_INVALID', `the cursor value ${show(value)} is not a time`, {
        hint: 'set incremental.format to epoch_ms for milliseconds, or to number or string when the cursor is not a time',
      })
    },
    format: (position, side) =>
      formatTime(side === 'upper' ? ceil(position) : floor(position), format),
    floor,
    ceil,
    before: (position) => nearestTimestamp(timestampToMicros(position as string) - unit),
    minus: (position, millis) =>
      nearestTimestamp(timestampToMicros(position as string) - BigInt(Math.round(millis * 1000))),
  }
}

/** Microseconds since the epoch, of a number or its digits; null for anything else. */
function epochMicros(value: JsonValue, format: string): bigint | null {
  const digits = typeof value === 'string' && /^\d{9,}(\.\d+)?$/.test(value)
  const epoch = digits ? Number(value) : value
  if (typeof epoch !== 'number' || !Number.isFinite(epoch)) return null
  const isMillis =
    format === 'epoch_ms' || (format !== 'epoch' && Math.abs(epoch) >= LEAST_EPOCH_MS)
  const millis = isMillis ? epoch : epoch * 1000
  return Number.isInteger(millis) ? BigInt(millis) * 1000n : BigInt(Math.round(millis * 1000))
}

function unitMicros(format: string): bigint {
  if (format === 'iso') return 1n
  if (format === 'date') return MICROS_PER.dd!
  if (format === 'epoch') return MICROS_PER.ss!
  if (format === 'epoch_ms') return 1000n
  const tokens = [...format.matchAll(PATTERN_TOKEN)].map((match) => match[0])
  const units = tokens.map((token) =>
    token.startsWith('S') ? 10n ** BigInt(6 - token.length) : (MICROS_PER[token] ?? MICROS_PER.dd!),
  )
  return units.reduce((least, next) => (next < least ? next : least), MICROS_PER.dd!)
}

function formatTime(position: Position, format: string): JsonValue {
  const timestamp = position as string
  if (format === 'iso') return timestamp.replace('.000000Z', 'Z')
  if (format === 'date') return timestamp.slice(0, 10)
  if (format === 'epoch') return Number(timestampToMicros(timestamp) / 1_000_000n)
  if (format === 'epoch_ms') return Number(timestampToMicros(timestamp) / 1000n)
  const parts: Readonly<Record<string, string>> = {
    yyyy: timestamp.slice(0, 4),
    MM: timestamp.slice(5, 7),
    dd: timestamp.slice(8, 10),
    HH: timestamp.slice(11, 13),
    mm: timestamp.slice(14, 16),
    ss: timestamp.slice(17, 19),
  }
  return format.replaceAll(PATTERN_TOKEN, (token, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted
    return token.startsWith('S') ? timestamp.slice(20, 20 + token.length) : parts[token]!
  })
}

const numberCursor: Cursor = {
  kind: 'number',
  position(value) {
    if (value === undefined || value === null || value === '') return null
    if (typeof value === 'number' || typeof value === 'bigint') return value
    if (typeof value === 'string' && /^-?\d+$/.test(value)) {
      const exact = BigInt(value)
      const double = Number(exact)
      return Number.isSafeInteger(double) ? double : exact
    }
    if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) {
      return Number(value)
    }
    throw new SluiceError('CURSOR_INVALID', `the cursor value ${show(value)} is not a number`, {
      hint: 'set incremental.format to iso for times, or to string',
    })
  },
  format: (position) => position,
  floor: (position) => position,
  ceil: (position) => position,
  before: (position) => (typeof position === 'bigint' ? position - 1n : Number(position) - 1),
  minus: (position) => position,
}

const stringCursor: Cursor = {
  kind: 'string',
  position(value) {
    if (value === undefined || value === null || value === '') return null
    if (typeof value === 'string') return value
    throw new SluiceError('CURSOR_INVALID', `the cursor value ${show(value)} is not text`, {
      hint: 'set incremental.format to number or iso',
    })
  },
  format: (position) => position,
  floor: (position) => position,
  ceil: (position) => position,
  before: (position) => position,
  minus: (position) => position,
}

function show(value: JsonValue): string {
  const text =
    typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : String(value)
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}
