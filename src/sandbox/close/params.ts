import { dateOrTimestamp, isDate, timestampToMicros } from '../../core/time.ts'
import { DAY } from '../data/times.ts'
import type { ApiRequest } from '../server/http.ts'
import { fieldError } from './errors.ts'

/** An integer parameter within bounds; out of them is a 400, never a silent correction. */
export function intParam(
  query: URLSearchParams,
  name: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  const text = query.get(name)
  if (text === null) return fallback
  if (!/^-?\d{1,15}$/.test(text)) throw fieldError(name, 'Value must be an integer.')
  const value = Number(text)
  if (value < min) throw fieldError(name, `Value must be greater than or equal to ${min}.`)
  if (value > max) throw fieldError(name, `Value must be less than or equal to ${max}.`)
  return value
}

export function booleanParam(query: URLSearchParams, name: string): boolean | null {
  const text = query.get(name)
  if (text === null) return null
  if (/^(?:true|1)$/i.test(text)) return true
  if (/^(?:false|0)$/i.test(text)) return false
  throw fieldError(name, 'Value must be a boolean.')
}

/** A comma separated list. */
export function listParam(query: URLSearchParams, name: string): readonly string[] | null {
  const text = query.get(name)
  return text === null ? null : text.split(',').filter((item) => item !== '')
}

/** A moment in a filter, and whether it was given as a whole day. */
export interface Moment {
  /** Milliseconds, with a fraction for microseconds. */
  readonly ms: number
  readonly wholeDay: boolean
}

/**
 * A date or date-time parameter. Without an offset it is UTC; a whole day begins at midnight in the zone that the
 * header `X-TZ-Offset` names (hours). `+00:00` sent unencoded arrives as a space and is refused.
 */
export function momentParam(request: ApiRequest, name: string): Moment | null {
  const text = request.query.get(name)
  return text === null ? null : parseMoment(text, name, request)
}

export function parseMoment(
  text: string,
  name: string,
  request?: Pick<ApiRequest, 'headers'>,
): Moment {
  const timestamp = dateOrTimestamp(text)
  if (timestamp === null) throw fieldError(name, 'Could not parse date.')
  const wholeDay = isDate(text)
  const offsetHours = wholeDay ? Number(request?.headers['x-tz-offset'] ?? 0) || 0 : 0
  const ms = Number(timestampToMicros(timestamp)) / 1000 - offsetHours * (DAY / 24)
  return { ms, wholeDay }
}
