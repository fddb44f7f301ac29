import { SluiceError } from '../core/errors.ts'
import type { Timestamp } from '../core/time.ts'
import type { LoadTransaction } from '../load/destination.ts'
import {
  countUnseen,
  type Deleted,
  dropSeen,
  noteSeen,
  removeNamed,
  seenTable,
  sweep,
  type SweepCount,
  type SweepScope,
} from '../load/sql/deletes.ts'
import type { TableSchema } from '../normalize/types.ts'
import { deleteBookmarks } from './bookmarks.ts'
import type { Load } from './types.ts'

const NOTHING: Deleted = { deleted: 0, restored: 0 }

/**
 * Notes what the load has seen, and marks or removes what is gone.
 *
 * @throws SluiceError DELETES_REFUSED when more would go than the endpoint allows
 */
export async function writeDeletes(
  trx: LoadTransaction,
  load: Load,
  now: Timestamp,
): Promise<Deleted> {
  const { schema, seen, deletes, loadId } = load
  const [root] = schema.tables
  if (!root) return NOTHING
  if (seen) await noteSeen(trx, root, seen)
  if (!deletes) return NOTHING
  const { mode, sweep: swept, gone } = deletes
  if (gone) return removeNamed(trx, schema.tables, { mode, loadId, now, rows: gone })
  if (!swept) return NOTHING
  const { rows, unseen } = await countUnseenRows(trx, root, swept.scope)
  if (swept.maxRatio !== null && unseen > swept.maxRatio * rows) {
    throw refused(load, { rows, unseen, maxRatio: swept.maxRatio, again: swept.again })
  }
  const result = await sweep(trx, schema.tables, { mode, loadId, now, scope: swept.scope })
  await dropSeen(trx, root)
  if (swept.lists) await deleteBookmarks(trx, load.endpoint, swept.lists)
  return result
}

/** Counts by what has been noted so far. */
export async function countUnseenRows(
  trx: LoadTransaction,
  root: TableSchema,
  scope: SweepScope,
): Promise<SweepCount> {
  // A list that turned out empty has noted nothing.
  await noteSeen(trx, root, [])
  await trx.analyze(seenTable(trx, root))
  return countUnseen(trx, root, scope)
}

interface Refusal extends SweepCount {
  readonly maxRatio: number
  readonly again: readonly string[]
}

function refused({ endpoint }: Load, { rows, unseen, maxRatio, again }: Refusal): SluiceError {
  const options = ['-e', endpoint, ...again, '--allow-deletes'].join(' ')
  const share = `${((100 * unseen) / rows).toFixed(1)} %`
  return new SluiceError(
    'DELETES_REFUSED',
    `${endpoint}: ${unseen} of ${rows} rows (${share}) are gone at the source, more than max_delete_ratio ${maxRatio} allows; none was deleted`,
    {
      hint: `if that is right, sync again with ${options}; otherwise look for what the API left out`,
      details: { endpoint, rows, gone: unseen, max_delete_ratio: maxRatio },
    },
  )
}
