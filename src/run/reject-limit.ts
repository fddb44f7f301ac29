import { SluiceError } from '../core/errors.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'

/** Counts the records of one endpoint in one run, and those of them that could not be loaded. */
export interface RejectLimit {
  /** Adds a page that is committed. Throws REJECTS_EXCEEDED when there are more rejects than a count allows. */
  add(records: number, rejects: number): void
  /** Throws REJECTS_EXCEEDED when the share of rejects is greater than one allows: known when all is read. */
  finish(): void
}

/** A limit of 1 or more, or 0, is a count of records; one below 1 is a share of them. */
export function createRejectLimit({ name, max_rejects: limit }: ResolvedEndpoint): RejectLimit {
  let records = 0
  let rejects = 0
  const isShare = limit !== undefined && limit > 0 && limit < 1
  return {
    add(more, rejected) {
      records += more
      rejects += rejected
      if (limit !== undefined && !isShare && rejects > limit) throw exceeded(name, `${limit}`)
    },
    finish() {
      if (isShare && rejects > limit * records) throw exceeded(name, `${limit * 100} %`)
    },
  }

  function exceeded(endpoint: string, allowed: string): SluiceError {
    return new SluiceError(
      'REJECTS_EXCEEDED',
      `${endpoint}: ${rejects} of ${records} records could not be loaded, more than max_rejects ${allowed}`,
      {
        hint: 'select reason, record from _sluice_rejects; mend the source file or raise max_rejects',
        details: { endpoint, rejects, records, max_rejects: limit },
      },
    )
  }
}
