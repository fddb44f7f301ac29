import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { SluiceError } from '../core/errors.ts'
import { stringifyJson, type JsonRecord, type JsonValue } from '../core/json.ts'
import type { RestRequest } from '../http/types.ts'
import type { KeyOf } from './identity.ts'

/** So many pages in a row without a record, each naming another one, are a walk that does not end. */
const MAX_EMPTY_PAGES = 1000

/**
 * Watches one walk for a server that does not advance. Of requests and pages it keeps short digests, because a walk
 * may have a million of them, and the records of one page.
 */
export interface LoopGuard {
  /** Throws PAGINATION_LOOP when this request was made before. */
  request(request: RestRequest): void
  /** Forgets what was requested and read: the walk has gone back. */
  reset(): void
  /**
   * Throws PAGINATION_LOOP when a page holds the same records as the one before it, or, where records have keys, as any
   * earlier one; or when too many pages in a row held none.
   */
  page(records: readonly JsonRecord[]): void
}

export function createLoopGuard(endpoint: string, keyOf: KeyOf): LoopGuard {
  const requested = new Set<string>()
  const seen = new Map<string, number>()
  let previous: readonly JsonRecord[] = []
  let pages = 0
  let emptyInARow = 0

  function loop(what: string): SluiceError {
    return new SluiceError('PAGINATION_LOOP', `${endpoint}: page ${pages + 1} ${what}`, {
      hint: 'the API ignores the paging parameters or repeats its cursor: check pagination against its documentation',
      details: { endpoint, page: pages + 1 },
    })
  }

  function compare(records: readonly JsonRecord[]): void {
    if (isDeepStrictEqual(records, previous)) {
      throw loop('holds the same records as the page before it')
    }
    previous = records
    const keys = records.map(keyOf)
    // Without keys two pages may well be alike.
    if (keys.includes(null)) return
    const content = digest(keys)
    const earlier = seen.get(content)
    if (earlier !== undefined) throw loop(`holds the same records as page ${earlier + 1}`)
    seen.set(content, pages)
  }

  return {
    request(request) {
      const fingerprint = fingerprintOf(request)
      if (requested.has(fingerprint)) {
        throw loop(`asks for what was already requested: ${request.url}`)
      }
      requested.add(fingerprint)
    },
    reset() {
      requested.clear()
      seen.clear()
      previous = []
    },
    page(records) {
      emptyInARow = records.length === 0 ? emptyInARow + 1 : 0
      if (emptyInARow > MAX_EMPTY_PAGES) {
        throw loop(`is empty, as are the ${MAX_EMPTY_PAGES} before it`)
      }
      if (records.length > 0) compare(records)
      pages++
    },
  }
}

function fingerprintOf({ method, url, params, body }: RestRequest): string {
  return digest([method, url, { ...params }, body ?? null])
}

function digest(value: JsonValue): string {
  return createHash('sha1').update(stringifyJson(value)).digest('base64url').slice(0, 16)
}
