import { messageOf } from '../core/errors.ts'
import type { LoadTransaction, Reader } from '../load/destination.ts'
import { labelViewName } from '../load/sql/label-view-name.ts'
import { type LabelView, type SchemaOf, settleLabelView } from './label-views.ts'
import type { LabelProblem } from './types.ts'

export interface SettleOptions {
  /** Every endpoint whose label view is looked after, those that are to have none among them. */
  readonly views: readonly LabelView[]
  readonly schemaOf: SchemaOf
  /** Endpoints that this run has read, whether or not they had records. */
  readonly synced: ReadonlySet<string>
  /** Runs work in a transaction under the lock. */
  readonly inTransaction: <T>(work: (trx: LoadTransaction) => Promise<T>) => Promise<T>
}

/** Makes, renews and drops label views where no load has done it. Returns what keeps labels out of them. */
export async function settleLabelViews(
  reader: Reader,
  { views, schemaOf, synced, inTransaction }: SettleOptions,
): Promise<readonly LabelProblem[]> {
  const problems: LabelProblem[] = []
  const empty = await readEmpty(reader, views, schemaOf)
  const isSynced = (endpoint: string) => synced.has(endpoint) || empty.has(endpoint)
  for (const view of await unsettled(reader, views, schemaOf)) {
    const { endpoint } = view
    try {
      const found = await inTransaction((trx) =>
        settleLabelView(trx, view, { schemaOf, isSynced, dropped: false }),
      )
      problems.push(...found.map((message) => ({ endpoint, message })))
    } catch (error) {
      // The rows are safe, and so is the view that was there. The next run tries again.
      problems.push({ endpoint, message: messageOf(error) })
    }
  }
  return problems
}

/** Views that are to be there, and those that are not and may be left from an earlier configuration. */
async function unsettled(
  reader: Reader,
  views: readonly LabelView[],
  schemaOf: SchemaOf,
): Promise<LabelView[]> {
  const loaded = views.flatMap((view) => {
    const root = schemaOf(view.endpoint)?.tables[0]
    if (!root) return []
    return [{ view, name: labelViewName(root.name, reader.capabilities.maxIdentifierBytes) }]
  })
  const unwanted = loaded.filter(({ view }) => view.rules.length === 0)
  const stamps =
    unwanted.length === 0 ? new Map() : await reader.stamps(unwanted.map(({ name }) => name))
  return loaded
    .filter(({ view, name }) => view.rules.length > 0 || (stamps.get(name) ?? null) !== null)
    .map(({ view }) => view)
}

/** Endpoints of definitions that have no table, as an earlier run found no records. */
async function readEmpty(
  reader: Reader,
  views: readonly LabelView[],
  schemaOf: SchemaOf,
): Promise<ReadonlySet<string>> {
  const sources = new Set(views.flatMap(({ rules }) => rules.map(({ from }) => from)))
  const missing = [...sources].filter((endpoint) => !schemaOf(endpoint)?.tables.length)
  if (missing.length === 0) return new Set()
  const rows = await reader.db
    .selectFrom('_sluice_run_endpoints')
    .select('endpoint')
    .distinct()
    .where('status', '=', 'ok')
    .where(reader.isAmong('endpoint', missing))
    .execute()
  return new Set(rows.map(({ endpoint }) => endpoint))
}
