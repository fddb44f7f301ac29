import { hash } from 'node:crypto'
import { stringifyJson } from '../core/json.ts'
import type { Timestamp } from '../core/time.ts'
import type { LoadTransaction } from '../load/destination.ts'
import type { Column } from '../normalize/types.ts'
import type { Load } from './types.ts'

const COLUMNS: readonly Column[] = [
  { name: 'run_id', type: 'text', path: null },
  { name: 'load_id', type: 'text', path: null },
  { name: 'endpoint', type: 'text', path: null },
  { name: 'reason', type: 'text', path: null },
  { name: 'record', type: 'text', path: null },
  { name: 'rejected_at', type: 'timestamp', path: null },
  { name: 'record_hash', type: 'text', path: null },
]

/**
 * Keeps the records that a load could not take. One that was rejected before, because it is read again and again, has
 * one line still: that of the last time.
 */
export async function writeRejects(
  trx: LoadTransaction,
  { runId, loadId, endpoint, rejects }: Load,
  now: Timestamp,
): Promise<void> {
  if (rejects.length === 0) return
  const byHash = new Map(
    rejects.map(({ reason, record }) => {
      const text = stringifyJson(record)
      const digest = hash('sha256', text, 'hex').slice(0, 32)
      return [digest, [runId, loadId, endpoint, reason, text, now, digest]] as const
    }),
  )
  await trx.db
    .deleteFrom('_sluice_rejects')
    .where('endpoint', '=', endpoint)
    .where(trx.isAmong('record_hash', [...byHash.keys()]))
    .execute()
  await trx.add([{ table: '_sluice_rejects', columns: COLUMNS, rows: [...byHash.values()] }])
}
