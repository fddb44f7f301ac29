import { OVERRIDABLE } from './schema.ts'

type Raw = Readonly<Record<string, unknown>>

/** The endpoint keys whose maps are merged key by key; every other one is taken whole. */
export const MERGED_KEYS: ReadonlySet<string> = new Set([
  'pagination',
  'incremental',
  'params',
  'headers',
  'columns',
])

/** Where a `null` also drops what the source itself sends, so that it is kept until the request is built. */
const NULL_KEPT: ReadonlySet<string> = new Set(['params', 'headers'])

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * An endpoint with the defaults it inherits: its own values win, some maps merge key by key, and a `null`
 * drops what would be inherited. In `params` and `headers` it stays, and drops the source's as well.
 */
export function inherit(defaults: Raw, endpoint: Raw): Raw {
  const merged = Object.entries({ ...defaults, ...endpoint }).map(([key, value]) => [
    key,
    MERGED_KEYS.has(key) ? mergeMaps(defaults[key], value, NULL_KEPT.has(key)) : value,
  ])
  return withoutNulls(Object.fromEntries(merged))
}

/** A source with a pipeline's overrides. */
export function override(source: Raw, pipeline: Raw): Raw {
  const merged: Record<string, unknown> = { ...source }
  for (const key of OVERRIDABLE) {
    const value = pipeline[key]
    if (value === undefined) continue
    if (value === null) delete merged[key]
    else if (key !== 'defaults') merged[key] = mergeMaps(source[key], value)
    else merged[key] = isRaw(source[key]) && isRaw(value) ? inherit(source[key], value) : value
  }
  return merged
}

/** Two maps key by key, `null` dropping a key unless nulls are kept; maps of a different `type` have nothing in common. */
function mergeMaps(inherited: unknown, own: unknown, keepNulls = false): unknown {
  if (!isRaw(own)) return own
  const changesType =
    isRaw(inherited) && own.type !== undefined && inherited.type !== undefined
      ? own.type !== inherited.type
      : false
  const merged = isRaw(inherited) && !changesType ? { ...inherited, ...own } : own
  return keepNulls ? merged : withoutNulls(merged)
}

export function withoutNulls(map: Raw): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null))
}
