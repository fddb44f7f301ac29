import { systemClock, type Clock } from '../core/clock.ts'
import { silentLogger } from '../core/log.ts'
import type { Config } from '../config/resolved.ts'
import { openDataset, type RunRecord } from '../state/dataset.ts'
import { pipelineOf } from './plan.ts'

/** How far a pipeline's dataset is. */
export interface PipelineStatus {
  readonly pipeline: string
  readonly dataset: string
  /** Null when it never ran. */
  readonly last_run: Pick<
    RunRecord,
    'runId' | 'status' | 'startedAt' | 'finishedAt' | 'error'
  > | null
  /** When a run last ended well, as a canonical timestamp; null for never. */
  readonly fresh_at: string | null
  /** Milliseconds since then; null for never. */
  readonly age_ms: number | null
  readonly bookmarks: readonly {
    readonly endpoint: string
    readonly partition: string
    readonly cursor: string | null
    readonly updated_at: string
  }[]
  /** Rows by table, Sluice's own tables left out. */
  readonly rows: Readonly<Record<string, number>>
}

/** Reads a pipeline's status from its dataset; a dataset that does not exist yet is not created. */
export async function status(
  config: Config,
  pipelineName: string,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Promise<PipelineStatus> {
  const pipeline = pipelineOf(config, pipelineName)
  const dataset = await openDataset({
    destination: pipeline.destination.config,
    dataset: pipeline.dataset,
    mode: 'read',
    folder: config.folder,
    clock,
    log: silentLogger,
  })
  try {
    // A backfill makes nothing fresh.
    const newest = { limit: 1, pipeline: pipeline.name, command: 'sync' } as const
    const [last = null] = (await dataset?.runs(newest)) ?? []
    const [ok] = (await dataset?.runs({ ...newest, status: 'ok' })) ?? []
    const fresh = ok?.finishedAt ?? null
    const all = (await dataset?.bookmarks()) ?? []
    // Others say up to which load of another endpoint something was followed.
    const bookmarks = all.filter(({ state }) => 'cursor' in state)
    return {
      pipeline: pipeline.name,
      dataset: pipeline.dataset,
      last_run: last,
      fresh_at: fresh,
      age_ms: fresh === null ? null : clock.now() - Date.parse(fresh),
      bookmarks: bookmarks.map(({ endpoint, partition, state, updatedAt }) => ({
        endpoint,
        partition,
        cursor: spellCursor(state.cursor),
        updated_at: updatedAt,
      })),
      rows: Object.fromEntries((await dataset?.rowCounts()) ?? []),
    }
  } finally {
    await dataset?.close()
  }
}

function spellCursor(cursor: unknown): string | null {
  return typeof cursor === 'string' || typeof cursor === 'number' || typeof cursor === 'bigint'
    ? String(cursor)
    : null
}
