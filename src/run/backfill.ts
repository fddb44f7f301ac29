import { SluiceError } from '../core/errors.ts'
import { comparePositions, createCursor, type Cursor, type Position } from '../extract/cursor.ts'
import type { Range } from '../extract/ledger.ts'
import type { Config, ResolvedEndpoint } from '../config/resolved.ts'
import { backfillEndpoint } from './backfill-endpoint.ts'
import { performRun, type RunOptions } from './perform-run.ts'
import { pipelineOf, planEndpoints, type PlannedEndpoint } from './plan.ts'
import type { RunSummary } from './summary.ts'
import { syncEndpoint } from './sync-endpoint.ts'

export interface BackfillOptions extends RunOptions {
  readonly endpoints: readonly string[]
  /** First value of the cursor to be read, as text: a day, a date-time, a number. */
  readonly from: string
  /** The first value not to be read any more; default: now. */
  readonly to?: string | undefined
  /** Read windows again that are done. Default false. */
  readonly fullRefresh?: boolean
}

/**
 * Reads a bounded range of endpoints, window by window. What is done is kept in a ledger, so that the same call goes on
 * where an earlier one stopped. The bookmarks of the sync stay as they are.
 *
 * @throws SluiceError USAGE for a range or an endpoint that can't be backfilled, and what keeps a run from starting
 */
export async function backfill(
  config: Config,
  pipelineName: string,
  { endpoints, from, to, fullRefresh = false, ...options }: BackfillOptions,
): Promise<RunSummary> {
  const pipeline = pipelineOf(config, pipelineName)
  const named = new Set(endpoints)
  // Loaded parents are in the dataset; reading them would move their bookmarks.
  const planned = planEndpoints(pipeline, endpoints)
    .filter(({ endpoint, loaded }) => named.has(endpoint.name) || !loaded)
    .map((step) => ({ ...step, loaded: named.has(step.endpoint.name) }))
  const targets = planned.filter(({ loaded }) => loaded)
  for (const step of targets) checkTarget(step, fullRefresh)
  const ranges = new Map(
    targets.map(({ endpoint }) => [endpoint.name, rangeOf(endpoint, { from, to })]),
  )

  return performRun(
    config,
    pipeline,
    {
      command: 'backfill',
      planned,
      fullRefresh,
      allowDeletes: false,
      maxPages: Infinity,
      read: (step, context, parent) => {
        const range = ranges.get(step.endpoint.name)
        return range
          ? backfillEndpoint(step, context, parent, upToNow(range, context.startedAt))
          : syncEndpoint(step, context, parent)
      },
    },
    options,
  )
}

function checkTarget({ endpoint }: PlannedEndpoint, fullRefresh: boolean): void {
  const { name, incremental, write_disposition: disposition } = endpoint
  const refuse = (why: string, hint: string) => {
    throw new SluiceError('USAGE', `${name} can not be backfilled: ${why}`, { hint })
  }
  if (!incremental) {
    refuse('it has no incremental, so there is no range to read', 'a sync reads all of it')
  }
  if (disposition === 'replace') {
    refuse('each sync replaces its table', 'set start_date, or write_disposition: merge')
  }
  if (disposition === 'append' && fullRefresh) {
    refuse(
      'its rows are appended, so reading them once more would double them',
      'leave --full-refresh out, or run sync --full-refresh, which swaps the table',
    )
  }
}

interface Bounds {
  readonly from: string
  readonly to: string | undefined
}

/** The range by the endpoint's cursor; `to` is null for up to now. */
function rangeOf(
  endpoint: ResolvedEndpoint,
  { from, to }: Bounds,
): { readonly cursor: Cursor; readonly from: Position; readonly to: Position | null } {
  const cursor = createCursor(endpoint.incremental!.format)
  const begin = parse(cursor, '--from', from)
  const end = to === undefined ? null : parse(cursor, '--to', to)
  if (end === null && cursor.kind !== 'time') {
    throw new SluiceError(
      'USAGE',
      `${endpoint.name}: its cursor is no time, so --to has no default`,
      {
        hint: 'give --to: the first value that is not to be read any more',
      },
    )
  }
  if (end !== null && comparePositions(begin, end) >= 0) {
    throw new SluiceError('USAGE', `--from ${from} is not before --to ${String(to)}`, {
      hint: 'the range begins at --from and ends before --to',
    })
  }
  return { cursor, from: begin, to: end }
}

function parse(cursor: Cursor, option: string, text: string): Position {
  try {
    const position = cursor.position(text)
    if (position !== null) return position
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
  }
  const expected =
    cursor.kind === 'number' ? 'a number' : 'a day such as 2024-01-31 or an ISO date-time'
  throw new SluiceError(
    'USAGE',
    `${option} "${text}" is no value of the cursor; expected ${expected}`,
    {
      hint: 'sluice backfill <pipeline> -e endpoint --from 2021-01-01 --to 2024-01-01',
    },
  )
}

/** What has not happened yet can't be done with: a range ends now at the latest. */
function upToNow({ cursor, from, to }: ReturnType<typeof rangeOf>, startedAt: string): Range {
  if (cursor.kind !== 'time') return { from, to: to! }
  const end = to !== null && comparePositions(to, startedAt) < 0 ? to : startedAt
  if (comparePositions(from, end) < 0) return { from, to: end }
  throw new SluiceError('USAGE', `--from ${String(from)} is in the future`, {
    hint: 'a backfill reads what happened before now; a sync reads what comes',
  })
}
