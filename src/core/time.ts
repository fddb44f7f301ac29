/**
 * Times are text in one canonical form, UTC with microseconds: `2012-09-04T20:57:52.851000Z`.
 * Canonical texts sort as the instants do, and nothing passes through a Date, which would lose microseconds.
 */
export type Timestamp = string

const MICROS_PER_SECOND = 1_000_000n
/** `0001-01-01T00:00:00.000000Z` */
const EARLIEST_MICROS = -62_135_596_800_000_000n
/** `9999-12-31T23:59:59.999999Z` */
const LATEST_MICROS = 253_402_300_799_999_999n
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?(?: ?(Z|z|[+-]\d\d(?::?\d\d)?))?)?$/
const DURATION =
  /^P(?=.)(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=.)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const SHORT_DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/
const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const ZERO = 48
const DASH = 45
const COLON = 58
const DOT = 46
const SPACE = 32
const UPPER_T = 84
const UPPER_Z = 90

function isDigits(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i) - ZERO
    if (code < 0 || code > 9) return false
  }
  return true
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function isCalendarDate(text: string): boolean {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false
  if (!isDigits(text, 0, 4) || !isDigits(text, 5, 7) || !isDigits(text, 8, 10)) return false
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
}

/** Whether a text is a real calendar day, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  return text.length === 10 && isCalendarDate(text)
}

function isClock(text: string): boolean {
  return (
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON &&
    isDigits(text, 11, 13) &&
    isDigits(text, 14, 16) &&
    isDigits(text, 17, 19) &&
    twoDigits(text, 11) < 24 &&
    twoDigits(text, 14) < 60 &&
    twoDigits(text, 17) < 60
  )
}

/**
 * The canonical form of an ISO 8601 date-time, or null when the text is not one.
 * Without an offset it is UTC, wherever this runs. Digits below the microsecond are cut.
 * A bare date, a time, a year or a compact form (`20240102T030405Z`) is not a date-time.
 */
export function toTimestamp(text: string): Timestamp | null {
  const { length } = text
  if (length < 16 || length > 40 || text.charCodeAt(4) !== DASH) return null
  const usual = usualTimestamp(text)
  if (usual !== undefined) return usual
  const parts = ISO.exec(text)
  if (!parts || parts[4] === undefined || !isCalendarDate(text)) return null
  const [, , , , hour, minute, second = '00', fraction = '', zone] = parts
  const clock = `${text.slice(0, 10)}T${hour}:${minute}:${second}`
  if (!isClock(clock)) return null
  const micros = fraction.slice(0, 6).padEnd(6, '0')
  const offset = zone === undefined ? 0 : offsetMinutes(zone)
  if (offset === null) return null
  if (offset === 0) return `${clock}.${micros}Z`
  const shifted = new Date(Date.parse(`${clock}Z`) - offset * 60_000)
  const year = shifted.getUTCFullYear()
  return year < 1 || year > 9999 ? null : `${shifted.toISOString().slice(0, 19)}.${micros}Z`
}

/**
 * The timestamp of the shapes that nearly every API sends, without a regular expression:
 * `YYYY-MM-DDTHH:MM:SS` with up to six digits of fraction, in UTC. Undefined for any other shape.
 */
function usualTimestamp(text: string): Timestamp | undefined {
  const { length } = text
  const last = text.charCodeAt(length - 1)
  const end = last === UPPER_Z ? length - 1 : text.endsWith('+00:00') ? length - 6 : length
  const separator = text.charCodeAt(10)
  if (end < 19 || end > 26 || end === 20) return undefined
  if (separator !== UPPER_T && separator !== SPACE) return undefined
  if (end > 19 && text.charCodeAt(19) !== DOT) return undefined
  if (!isCalendarDate(text) || !isClock(text) || !isDigits(text, 20, end)) return undefined
  if (end === 26 && separator === UPPER_T) return `${text.slice(0, 26)}Z`
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, end).padEnd(6, '0')}Z`
}

function offsetMinutes(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = twoDigits(zone, 1)
  const minutes = zone.length > 3 ? twoDigits(zone, zone.length - 2) : 0
  if (hours > 15 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** A date or date-time as a timestamp: a date is its midnight UTC; null for anything else. */
export function dateOrTimestamp(text: string): Timestamp | null {
  return isDate(text) ? `${text}T00:00:00.000000Z` : toTimestamp(text)
}

/** Microseconds since the epoch. */
export function timestampToMicros(timestamp: Timestamp): bigint {
  const seconds = BigInt(Date.parse(`${timestamp.slice(0, 19)}Z`)) / 1000n
  return seconds * MICROS_PER_SECOND + BigInt(timestamp.slice(20, 26))
}

/**
 * The canonical text of microseconds since the epoch.
 *
 * @throws RangeError outside the years 1 to 9999, which the canonical form can't spell
 */
export function microsToTimestamp(micros: bigint): Timestamp {
  if (!isCalendarTime(micros)) throw new RangeError(`${micros} microseconds is no calendar time`)
  const within = ((micros % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND
  const seconds = (micros - within) / MICROS_PER_SECOND
  const whole = new Date(Number(seconds) * 1000).toISOString()
  return `${whole.slice(0, 19)}.${within.toString().padStart(6, '0')}Z`
}

/** The canonical text of microseconds since the epoch; before the year 1 and after 9999, the first or last there is. */
export function nearestTimestamp(micros: bigint): Timestamp {
  if (isCalendarTime(micros)) return microsToTimestamp(micros)
  return microsToTimestamp(micros < EARLIEST_MICROS ? EARLIEST_MICROS : LATEST_MICROS)
}

/** Whether microseconds since the epoch lie in the years 1 to 9999. */
export function isCalendarTime(micros: bigint): boolean {
  return micros >= EARLIEST_MICROS && micros <= LATEST_MICROS
}

/** The canonical text of milliseconds since the epoch; see {@link microsToTimestamp}. */
export function millisToTimestamp(millis: number): Timestamp {
  return microsToTimestamp(BigInt(Math.floor(millis)) * 1000n)
}

/**
 * A duration in milliseconds: `5m`, `30s`, `250ms`, `2h`, `1d`, `1w`, ISO 8601 `P1D`, `PT5M`, or 0.
 * Months and years are not accepted: their length is not fixed. Null when the text is none of these.
 */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0
  const short = SHORT_DURATION.exec(text)
  if (short) return Math.round(Number(short[1]) * MS_PER_UNIT[short[2]!]!)
  const iso = DURATION.exec(text)
  if (!iso) return null
  const [weeks, days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0))
  return Math.round(
    weeks! * MS_PER_UNIT.w! +
      days! * MS_PER_UNIT.d! +
      hours! * MS_PER_UNIT.h! +
      minutes! * MS_PER_UNIT.m! +
      seconds! * MS_PER_UNIT.s!,
  )
}
