import type { JsonValue } from '../core/json.ts'

/**
 * How nested query parameters are written. A scalar is `name=value` in every style.
 *
 * - `plain`: a list repeats the name, an object is not allowed
 * - `repeat`: a list repeats the name
 * - `comma`: a list is joined with commas
 * - `brackets`: PHP arrays, `whereGroup[0][type]=equals`
 * - `json`: lists and objects as JSON text
 */
export type QueryStyle = 'plain' | 'brackets' | 'repeat' | 'comma' | 'json'

export type Params = Readonly<Record<string, JsonValue>>

/** One request of an endpoint, before authentication and encoding. Never mutated: paginators derive new ones. */
export interface RestRequest {
  readonly method: 'GET' | 'POST'
  /** Absolute URL; may have a query of its own (a next link). `params` are added to it. */
  readonly url: string
  /** Query parameters, unencoded; null values are left out. */
  readonly params: Params
  readonly queryStyle: QueryStyle
  /** Null takes away a header that every request of the source has. */
  readonly headers: Readonly<Record<string, string | null>>
  /** JSON body of a POST; undefined sends none. */
  readonly body: JsonValue | undefined
}

/** A response whose body is complete and parsed. */
export interface RestResponse {
  readonly status: number
  /** The URL that answered, without credentials. */
  readonly url: string
  /** Lower-case names; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: JsonValue
  /** Length of the decoded body in bytes. */
  readonly bytes: number
  /** Strings and keys that held NUL characters, which were removed. */
  readonly nulsRemoved: number
  /** The server's clock (`Date` header) in epoch milliseconds, or null. */
  readonly serverTime: number | null
}
