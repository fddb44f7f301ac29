import type { Cursor, Position } from '../extract/cursor.ts'
import type { Ledger, Range } from '../extract/ledger.ts'
import type { LedgerWindow, WindowUpdate } from '../state/dataset.ts'

/** The ledger of one list, from what is stored for all lists of its endpoint. */
export function ledgerOf(
  cursor: Cursor,
  stored: readonly LedgerWindow[],
  partition: string,
): Ledger {
  const own = stored.filter((window) => window.partition === partition)
  const withStatus = (wanted: LedgerWindow['status']): Range[] =>
    own.flatMap(({ from, to, status }) =>
      status === wanted ? [{ from: cursor.position(from)!, to: cursor.position(to)! }] : [],
    )
  return { done: withStatus('done'), planned: withStatus('planned') }
}

/** A change to the ledger as it is stored. */
export function windowUpdate(
  partition: string,
  { from, to }: { readonly from: Position; readonly to: Position },
  status: WindowUpdate['status'],
): WindowUpdate {
  return { partition, from: String(from), to: String(to), status }
}
