import type { JsonRecord, JsonValue } from '../../core/json.ts'
import { dateOrTimestamp, timestampToMicros } from '../../core/time.ts'

/** When an object came to be and when it last changed, in milliseconds. */
export interface Times {
  readonly created: number
  readonly updated: number
}

/**
 * An object as it was made up: its id and times at once, for they decide where it stands in every list, the rest of it
 * when it is first looked at. 20,000 leads and all that hangs on them are drafted in about a second.
 */
export class Draft implements Times {
  readonly id: string
  readonly created: number
  readonly updated: number
  readonly #build: () => JsonRecord
  #record: JsonRecord | undefined

  constructor(id: string, times: Times, build: () => JsonRecord) {
    this.id = id
    this.created = times.created
    this.updated = times.updated
    this.#build = build
  }

  get record(): JsonRecord {
    this.#record ??= this.#build()
    return this.#record
  }
}

/** The draft of a record that is already there. */
export function draftOf(record: JsonRecord): Draft {
  const created = millisOf(record.date_created ?? record.created_at)
  const updated = millisOf(record.date_updated ?? record.updated_at)
  return new Draft(record.id as string, { created, updated }, () => record)
}

/** Milliseconds of a date in any of the ways it is written; 0 where a kind of objects has none. */
function millisOf(value: JsonValue | undefined): number {
  const timestamp = typeof value === 'string' ? dateOrTimestamp(value) : null
  return timestamp === null ? 0 : Number(timestampToMicros(timestamp) / 1000n)
}
