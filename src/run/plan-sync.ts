import { systemClock, type Clock } from '../core/clock.ts'
import { silentLogger } from '../core/log.ts'
import type { JsonRecord } from '../core/json.ts'
import { createRedactor } from '../core/redact.ts'
import { millisToTimestamp } from '../core/time.ts'
import type { Position } from '../extract/cursor.ts'
import type { AskedBounds } from '../extract/incremental.ts'
import { planReads, readGaps } from '../extract/reads.ts'
import { buildRequest } from '../extract/request.ts'
import { paginators } from '../http/pagination/index.ts'
import { joinUrl, withQuery } from '../http/url.ts'
import type { Config, ResolvedEndpoint } from '../config/resolved.ts'
import type { Dataset } from '../state/dataset.ts'
import { openIncrementalList } from './incremental-list.ts'
import { openForRun } from './open.ts'
import { pipelineOf, planEndpoints, type PlannedEndpoint } from './plan.ts'
import { createScope, type ReadContext } from './open-pages.ts'
import { withinRetention } from './retention.ts'
import type { SpelledRange } from './bookmarks.ts'

/** What a sync would do with one endpoint. */
export interface EndpointPlan {
  readonly endpoint: string
  /** False for a parent that is only read so that its children can be asked for. */
  readonly loaded: boolean
  /** The endpoint whose rows it is read for, once each, and how many are in the dataset; null for none. */
  readonly parent: { readonly endpoint: string; readonly rows: number } | null
  readonly method: string
  /** The first request, without credentials; for a child with its parameters as they stand in the path. */
  readonly url: string
  readonly pagination: string
  readonly order: 'asc' | 'desc' | 'none'
  readonly write_disposition: string
  /** Where the sync goes on: a cursor, and what of before is read again; null for a full read, or one per parent. */
  readonly bookmark: {
    readonly cursor: string | null
    readonly gaps: readonly SpelledRange[]
  } | null
  /** From where on it is asked for; null for everything, or one per parent. */
  readonly from: string | null
  /** In how many windows it is read; null for one go. */
  readonly windows: number | null
}

export interface SyncPlan {
  readonly pipeline: string
  readonly dataset: string
  readonly endpoints: readonly EndpointPlan[]
  /** What the sync would say about its bookmarks. */
  readonly warnings: readonly string[]
}

export interface PlanOptions {
  readonly endpoints?: readonly string[] | undefined
  readonly fullRefresh?: boolean | undefined
  readonly clock?: Clock
}

/**
 * What a sync would request, and from which bookmarks. Asks the API for nothing and writes nothing.
 *
 * @throws SluiceError USAGE, DESTINATION_UNAVAILABLE, CURSOR_INVALID
 */
export async function planSync(
  config: Config,
  pipelineName: string,
  { endpoints, fullRefresh = false, clock = systemClock }: PlanOptions = {},
): Promise<SyncPlan> {
  const pipeline = pipelineOf(config, pipelineName)
  const planned = planEndpoints(pipeline, endpoints ?? null)
  const dataset = await openForRun(config, pipeline, { clock, log: silentLogger, write: false })
  const warnings: string[] = []
  const context: Context = {
    pipeline,
    startedAt: millisToTimestamp(clock.now()),
    emit: (event) => {
      if (event.type === 'warning') warnings.push(`${event.endpoint}: ${event.message}`)
    },
    dataset,
    fullRefresh,
    redact: createRedactor([...config.secrets]),
  }
  try {
    const plans: EndpointPlan[] = []
    for (const step of planned) plans.push(await planEndpoint(step, context))
    return { pipeline: pipeline.name, dataset: pipeline.dataset, endpoints: plans, warnings }
  } finally {
    await dataset.close()
  }
}

interface Context extends Pick<ReadContext, 'pipeline' | 'startedAt' | 'emit'> {
  readonly dataset: Dataset
  readonly fullRefresh: boolean
  readonly redact: (text: string) => string
}

async function planEndpoint(
  { endpoint, loaded }: PlannedEndpoint,
  context: Context,
): Promise<EndpointPlan> {
  const isChild = endpoint.depends_on !== undefined
  const state = isChild ? null : await startOf(endpoint, loaded, context)
  const list = openIncrementalList(endpoint, context, { state })
  const reads = list && planReads({ ...list, state, until: context.startedAt })
  const windows = list?.config.window ? reads!.left() : null
  const first = reads?.take() ?? null
  const bounds = first && list!.asked(first)
  return {
    endpoint: endpoint.name,
    loaded,
    parent: await parentOf(endpoint, context),
    method: endpoint.method,
    url: context.redact(isChild ? childUrl(endpoint, context) : ownUrl(endpoint, context, bounds)),
    pagination: endpoint.pagination.type,
    order: endpoint.incremental?.order ?? 'none',
    write_disposition: endpoint.write_disposition,
    bookmark: list &&
      state && {
        cursor: spell(state.cursor as Position | null),
        gaps: readGaps(list.cursor, state).map(({ from, to }) => ({
          from: spell(from),
          to: spell(to),
        })),
      },
    from: isChild ? null : spell(first?.from ?? null),
    windows: isChild ? null : windows,
  }
}

/** The bookmark that a sync would go on from. */
async function startOf(
  endpoint: ResolvedEndpoint,
  loaded: boolean,
  { dataset, fullRefresh, emit, startedAt }: Context,
): Promise<JsonRecord | null> {
  const readsAll = fullRefresh || !loaded || endpoint.write_disposition === 'replace'
  if (readsAll || !endpoint.incremental) return null
  const state = await dataset.bookmark(endpoint.name, '')
  return state && withinRetention(endpoint, state, { emit, startedAt })
}

/** How many parents there are is only known as of the last sync. */
async function parentOf(
  { depends_on: dependency }: ResolvedEndpoint,
  { dataset }: Context,
): Promise<EndpointPlan['parent']> {
  if (!dependency) return null
  const schema = (await dataset.schemas()).find(({ endpoint }) => endpoint === dependency.endpoint)
  const counts = schema ? await dataset.rowCounts() : new Map<string, number>()
  return { endpoint: dependency.endpoint, rows: counts.get(schema?.tables[0]?.name ?? '') ?? 0 }
}

function ownUrl(
  endpoint: ResolvedEndpoint,
  { pipeline, startedAt }: Context,
  bounds: AskedBounds | null,
): string {
  const request = buildRequest(endpoint, {
    baseUrl: pipeline.source.base_url,
    params: pipeline.source.params,
    scope: createScope({ pipeline, startedAt }, { parent: null, bounds }),
    mapped: new Map(),
  })
  const context = { endpoint: endpoint.name, log: silentLogger, warn: () => {} }
  const { url, params, queryStyle } = paginators.create(endpoint.pagination, context).first(request)
  return withQuery(url, params, queryStyle)
}

/** What stands in for a parent's values can't be sent, so the path is shown as it is written. */
function childUrl({ path }: ResolvedEndpoint, { pipeline }: Context): string {
  return joinUrl(pipeline.source.base_url, path)
}

function spell(position: Position | null): string | null {
  return position === null ? null : String(position)
}
