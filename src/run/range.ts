import type { JsonRecord } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import { planBounds } from '../extract/bounds.ts'
import { comparePositions, createCursor, readable } from '../extract/cursor.ts'
import { doneRanges } from '../extract/ledger.ts'
import { isWithin } from '../extract/windows.ts'
import type { RunContext } from './context.ts'
import { ledgerOf } from './ledger.ts'
import type { PlannedEndpoint } from './plan.ts'

/** Whether a record lies where the pipeline reads: from the start of its first run on, and what was backfilled. */
export async function createRange(
  { endpoint }: Pick<PlannedEndpoint, 'endpoint'>,
  { dataset, pipeline }: RunContext,
): Promise<(record: JsonRecord) => boolean> {
  const { name, incremental: config } = endpoint
  if (!config) return () => true
  const cursor = createCursor(config.format)
  const state = await dataset.bookmark(name, '')
  const { startDate } = pipeline
  const { since } = planBounds(cursor, config, { endpoint: name, state, startDate })
  if (since === null) return () => true
  const backfilled = doneRanges(ledgerOf(cursor, await dataset.windows(name), ''))
  const get = compileGet(config.cursor_path)
  return (record) => {
    const position = readable(cursor, get(record))
    if (position === null || comparePositions(position, since) >= 0) return true
    return backfilled.some((window) => isWithin(position, window))
  }
}
