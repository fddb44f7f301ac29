import type { JsonValue } from '../core/json.ts'
import type { GoneRow } from '../load/sql/deletes.ts'
import type { TableSchema } from '../normalize/types.ts'
import type { ParentRow } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import type { PlannedEndpoint } from './plan.ts'
import { createWriter, type EndpointWriter } from './writer.ts'

/** The partition under which an endpoint's bookmark says up to which load its event feed has been followed. */
export const FEED_PARTITION = 'deletes'
/** Rows named in one load. */
const MAX_ROWS = 1000

/**
 * Marks or removes the rows of an endpoint that the events of its feed name, as far as the feed is in the dataset and
 * was not followed by an earlier run. A row that changed after its event is kept: it came back.
 */
export async function followFeed(planned: PlannedEndpoint, context: RunContext): Promise<void> {
  const { endpoint } = planned
  const { dataset, schemas } = context
  const { mode, from } = endpoint.deletes!
  const feed = schemas.get(from!.endpoint)?.tables[0]
  if (!schemas.has(endpoint.name)) return
  if (!feed) return warn(planned, context, `${from!.endpoint} is not in the dataset`)
  const fields = [from!.key, ...Object.keys(from!.where)]
  const missing = fields.filter((field) => !columnOf(feed, field))
  if (missing.length > 0) {
    return warn(planned, context, `${from!.endpoint} has no column for ${missing.join(', ')}`)
  }
  // Looked up before the events are read: a load that comes later belongs to the next run.
  const newest = await dataset.newestLoad(feed)
  const state = context.fullRefresh ? null : await dataset.bookmark(endpoint.name, FEED_PARTITION)
  const through = typeof state?.feed_through === 'string' ? state.feed_through : null
  if (newest === null || newest === through) return

  const writer = createWriter(planned, context)
  const cursor = feed.columns.find(({ name }) => name === feed.cursor)
  const at = cursor?.type === 'timestamp' ? (cursor.path?.join('.') ?? null) : null
  const query = {
    table: feed,
    staged: false,
    fields: at === null ? fields : [...fields, at],
    changedAfter: through,
  }
  let gone: GoneRow[] = []
  for await (const row of dataset.parents(query)) {
    const named = isMeant(row, from!.where)
      ? goneRow(row, { key: from!.key, at, planned, writer })
      : null
    if (named) gone.push(named)
    if (gone.length < MAX_ROWS) continue
    await writer.delete({ mode, gone })
    gone = []
  }
  const bookmark = { partition: FEED_PARTITION, state: { feed_through: newest } }
  await writer.delete({ mode, gone }, [bookmark])
}

function columnOf({ columns }: TableSchema, field: string) {
  return columns.find(({ path }) => path?.join('.') === field)
}

type Scalar = string | number | boolean

/** Values are compared as they are spelled: YAML and an API may differ in whether `1` is text. */
function isMeant(
  { values }: ParentRow,
  where: Readonly<Record<string, Scalar | readonly Scalar[]>>,
): boolean {
  return Object.entries(where).every(([field, wanted]) => {
    const value = values.get(field) ?? null
    if (value === null || typeof value === 'object') return false
    const allowed: readonly Scalar[] = Array.isArray(wanted) ? wanted : [wanted as Scalar]
    return allowed.map(String).includes(String(value))
  })
}

function goneRow(
  { values }: ParentRow,
  options: {
    readonly key: string
    readonly at: string | null
    readonly planned: PlannedEndpoint
    readonly writer: EndpointWriter
  },
): GoneRow | null {
  const { key, at, planned, writer } = options
  const value: JsonValue = values.get(key) ?? null
  if (value === null) return null
  const [field = ''] = planned.endpoint.primary_key!
  const id = writer.idOf({ [field]: value })
  const event = at === null ? null : values.get(at)
  return id === null ? null : { id, at: typeof event === 'string' ? event : null }
}

function warn({ endpoint }: PlannedEndpoint, { emit }: RunContext, why: string): void {
  emit({
    type: 'warning',
    endpoint: endpoint.name,
    code: 'DELETES_UNSEEN',
    message: `deletes are not seen: ${why}; sync that endpoint too`,
  })
}
