import type { Kysely } from 'kysely'
import type { Timestamp } from '../core/time.ts'
import type { Reader } from '../load/destination.ts'
import type { SystemTables } from '../load/sql/system-tables.ts'
import type { LedgerWindow, WindowUpdate } from './types.ts'

/** The ledger of an endpoint's backfills. */
export async function readWindows({ db }: Reader, endpoint: string): Promise<LedgerWindow[]> {
  const rows = await db
    .selectFrom('_sluice_windows')
    .select(['partition', 'window_from', 'window_to', 'status'])
    .where('endpoint', '=', endpoint)
    .execute()
  return rows.map((row) => ({
    partition: row.partition,
    from: row.window_from,
    to: row.window_to,
    status: row.status,
  }))
}

/** Puts windows into the ledger, or takes them out of it. */
export async function writeWindows(
  db: Kysely<SystemTables>,
  windows: readonly WindowUpdate[],
  at: { readonly endpoint: string; readonly loadId: string; readonly now: Timestamp },
): Promise<void> {
  const { endpoint, loadId, now } = at
  for (const { partition, from, to, status } of windows) {
    if (status === 'removed') {
      await db
        .deleteFrom('_sluice_windows')
        .where('endpoint', '=', endpoint)
        .where('partition', '=', partition)
        .where('window_from', '=', from)
        .where('window_to', '=', to)
        .execute()
      continue
    }
    const changed = { status, load_id: status === 'done' ? loadId : null, updated_at: now }
    await db
      .insertInto('_sluice_windows')
      .values({ endpoint, partition, window_from: from, window_to: to, ...changed })
      .onConflict((conflict) =>
        conflict
          .columns(['endpoint', 'partition', 'window_from', 'window_to'])
          .doUpdateSet(changed),
      )
      .execute()
  }
}
