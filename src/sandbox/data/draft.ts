import type { JsonRecord } from '../../core/json.ts'

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
  const created = Date.parse(record.date_created as string)
  const updated = Date.parse(record.date_updated as string)
  return new Draft(record.id as string, { created, updated }, () => record)
}
