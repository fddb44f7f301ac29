import { createHash } from 'node:crypto'
import { isRecord, stringifyJson, type JsonRecord, type JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'

/**
 * Which records have been appended at positions that the next run reads again: by position (its text,
 * empty for records without one), how often each record was there. Kept in the bookmark.
 */
export type SeenState = { [position: string]: { [identity: string]: number } }

/** Recognises records that an earlier run has appended. */
export interface Seen {
  /** Whether this record was appended before; each remembered record is matched once. */
  known(position: string, record: JsonRecord): boolean
  /** What the next run must remember: all records whose position satisfies `keep`. */
  state(keep: (position: string) => boolean): SeenState
}

/** Records are recognised by their key fields where there are any, else by their whole content. */
export function createSeen(before: SeenState, primaryKey: readonly string[]): Seen {
  const key = primaryKey.map(compileGet)
  const identity = (record: JsonRecord) =>
    digest(key.length > 0 ? key.map((get) => get(record) ?? null) : record)
  const unmatched = structuredClone(before)
  const all: SeenState = structuredClone(before)
  return {
    known(position, record) {
      const id = identity(record)
      const left = unmatched[position]?.[id] ?? 0
      if (left > 0) {
        unmatched[position]![id] = left - 1
        return true
      }
      const at = (all[position] ??= {})
      at[id] = (at[id] ?? 0) + 1
      return false
    },
    state: (keep) => Object.fromEntries(Object.entries(all).filter(([position]) => keep(position))),
  }
}

function digest(value: JsonValue): string {
  return createHash('sha1')
    .update(stringifyJson(sortKeys(value)))
    .digest('base64url')
    .slice(0, 16)
}

/** The same content is the same record whatever order the API writes its keys in. */
function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sortKeys(value[name]!)]),
  )
}
