import { isDeepStrictEqual } from 'node:util'
import { stringifyJson, type JsonRecord } from '../core/json.ts'
import type { KeyOf } from './identity.ts'

type Records = readonly JsonRecord[]

/** Where the reader of a list stands, and how its records are told apart. */
export interface Place {
  /** The page that was read last, in the order of the list; not empty. */
  readonly tail: Records
  readonly keyOf: KeyOf
  /** Whether a record may be handed on twice, because it is written by its key. */
  readonly upserted: boolean
}

/**
 * The new records of a page that was asked for so as to begin with the last `overlap` of the page before; null when
 * the last of those is not in it. A record that was edited may have moved, so only one that is as it was marks a place;
 * `byKey` is for an API whose records are never twice alike.
 */
export function afterOverlap(
  place: Place,
  records: Records,
  { overlap, byKey }: { readonly overlap: number; readonly byKey: boolean },
): Records | null {
  const last = place.tail.at(-1)!
  const expected = records[overlap - 1]
  const same = (record: JsonRecord) =>
    isDeepStrictEqual(record, last) || (byKey && place.keyOf(record) === place.keyOf(last))
  if (expected !== undefined && same(expected)) return records.slice(overlap)
  const at = records.findIndex((record) => isDeepStrictEqual(record, last))
  return at === -1 ? null : after(place, records, at)
}

/** The new records after the furthest one that was read; null when none of those is in the page as it was. */
export function afterTail(place: Place, records: Records): Records | null {
  const texts = records.map(stringifyJson)
  const furthest = place.tail.map(stringifyJson).findLast((text) => texts.includes(text))
  return furthest === undefined ? null : after(place, records, texts.indexOf(furthest))
}

/**
 * The same by keys, for an API whose records are never twice alike. They do not tell a record that has moved from one
 * that has not, so whatever has another key is new; and most of those that were read have to be there.
 */
export function afterTailByKey({ tail, keyOf }: Place, records: Records): Records | null {
  const known = new Set(tail.map(keyOf))
  const fresh = records.filter((record) => !known.has(keyOf(record)))
  const there = records.length - fresh.length
  return !known.has(null) && there > tail.length / 2 ? fresh : null
}

/** What follows on `at`; and what stands before it and was not read, if that may be handed on. */
function after({ tail, upserted }: Place, records: Records, at: number): Records {
  const known = new Set(tail.map(stringifyJson))
  const isNew = (record: JsonRecord) => !known.has(stringifyJson(record))
  const passed = upserted ? records.slice(0, at).filter(isNew) : []
  return [...passed, ...records.slice(at + 1).filter(isNew)]
}
