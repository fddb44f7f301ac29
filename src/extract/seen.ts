import { createHash } from 'node:crypto'
import { isRecord, stringifyJson, type JsonRecord, type JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import { comparePositions, type Position } from './cursor.ts'

/**
 * Which records have been appended at positions that the next run reads again: by position (its text,
 * empty for records without one), how often each record was there. Kept in the bookmark.
 */
export type SeenState = { [position: string]: { [identity: string]: number } }

/** Recognises records that have been appended before. */
export interface Seen {
  /** Whether this record was appended before, by an earlier run or, if it has a key, by this one. */
  known(position: Position | null, record: JsonRecord): boolean
  /**
   * Forgets for the next run what was appended before a position. `mayReturn`: this run may still come across it again,
   * and recognises records with a key.
   */
  prune(before: Position, options?: { readonly mayReturn: boolean }): void
  /** What the next run must remember. */
  state(): SeenState
}

interface At {
  readonly position: Position | null
  /** How often an earlier run has appended each record that this one has not come across yet. */
  readonly unmatched: Map<string, number>
  readonly appended: Map<string, number>
}

/**
 * Records with key fields are recognised by these; others by their whole content, and as often as it was
 * appended: two records with the same content are two records.
 *
 * @param read the position that a text in the state stands for
 */
export function createSeen(
  before: SeenState,
  primaryKey: readonly string[],
  read: (text: string) => Position | null,
): Seen {
  const key = primaryKey.map(compileGet)
  const places = new Map<string, At>()
  /** What was pruned and may return; one short text for a record, whatever lists are around it. */
  const past = new Set<string>()
  for (const [text, counts] of Object.entries(before)) {
    const entries = Object.entries(counts)
    const position = text === '' ? null : read(text)
    places.set(text, { position, unmatched: new Map(entries), appended: new Map(entries) })
  }

  return {
    known(position, record) {
      const text = position === null ? '' : String(position)
      let place = places.get(text)
      if (!place) {
        place = { position, unmatched: new Map(), appended: new Map() }
        places.set(text, place)
      }
      const { unmatched, appended } = place
      const keyValues = key.map((get) => get(record) ?? null)
      const keyed = keyValues.some((value) => value !== null)
      const identity = digest(keyed ? keyValues : record)
      if (keyed && (appended.has(identity) || unmatched.has(identity))) return true
      if (keyed && past.size > 0 && past.has(digest([text, identity]))) return true
      const left = unmatched.get(identity) ?? 0
      if (left > 0) {
        if (left > 1) unmatched.set(identity, left - 1)
        else unmatched.delete(identity)
        return true
      }
      appended.set(identity, (appended.get(identity) ?? 0) + 1)
      return false
    },
    prune(line, { mayReturn } = { mayReturn: false }) {
      for (const [text, { position, unmatched, appended }] of places) {
        if (position === null || comparePositions(position, line) >= 0) continue
        if (mayReturn) for (const identity of appended.keys()) past.add(digest([text, identity]))
        // What earlier runs appended may be on any later page still.
        if (unmatched.size > 0) appended.clear()
        else places.delete(text)
      }
    },
    state() {
      const kept = [...places].filter(([, { appended }]) => appended.size > 0)
      return Object.fromEntries(
        kept.map(([text, { appended }]) => [text, Object.fromEntries(appended)]),
      )
    },
  }
}

function digest(value: JsonValue): string {
  const text = stringifyJson(sortKeys(value))
  return createHash('sha1').update(text).digest('base64url').slice(0, 16)
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
