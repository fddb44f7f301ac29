import { isRecord, type JsonValue } from '../../core/json.ts'
import { compileGet } from '../../core/path.ts'
import type { RestResponse } from '../types.ts'

/** Reads one fact of a response; null where the response does not say it. */
export type Signal<T> = (response: RestResponse) => T | null

/**
 * Whether the API says that there is more: the value at `path`, or the body's own `has_more`.
 * `true`, `"true"` and `1` are yes, `false`, `"false"` and `0` no; anything else says nothing.
 */
export function hasMoreSignal(path: string | undefined): Signal<boolean> {
  const get = path === undefined ? ownHasMore : compileGet(path)
  return ({ body }) => toBoolean(get(body))
}

/** Counts by which EspoCRM says that there is more, or that there is not, where it does not count. */
export const MORE = -1
export const END = -2

/** A whole number at `path`, also where it is written as text. */
export function countSignal(path: string | undefined): Signal<number> {
  if (path === undefined) return () => null
  const get = compileGet(path)
  return ({ body }) => toCount(get(body))
}

function ownHasMore(body: JsonValue): JsonValue | undefined {
  return isRecord(body) ? body.has_more : undefined
}

const YES: readonly unknown[] = [true, 1, '1', 'true', 'True']
const NO: readonly unknown[] = [false, 0, '0', 'false', 'False']

/** A flag as APIs write one, or null when the value is none. */
export function toBoolean(value: JsonValue | undefined): boolean | null {
  if (YES.includes(value)) return true
  return NO.includes(value) ? false : null
}

/** A whole number, also where it is text, or null when the value is none. */
export function toCount(value: JsonValue | undefined): number | null {
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string')
    return null
  const count = value === '' ? Number.NaN : Number(value)
  return Number.isInteger(count) ? count : null
}
