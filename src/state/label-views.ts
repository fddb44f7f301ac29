import type { JsonValue } from '../core/json.ts'
import type { LoadTransaction } from '../load/destination.ts'
import type { FieldLabel } from '../load/sql/label-columns.ts'
import { dropLabelView, hasLabelView, renewLabelView } from '../load/sql/label-views.ts'
import type { NamingConvention } from '../normalize/naming.ts'
import type { EndpointSchema, TableSchema } from '../normalize/types.ts'
import { fieldColumns, readParents } from './parents.ts'
import type { Load } from './types.ts'

/** Where the labels of some fields come from: see `labels` of an endpoint. */
export interface LabelRule {
  /** The endpoint whose rows are the definitions. */
  readonly from: string
  /** Fields of a definition. */
  readonly key: string
  readonly label: string
  /** The field of the record, with `{key}` in the place of the definition's key. */
  readonly field: string
}

/** An endpoint, and the rules of its label view; one without rules has none. */
export interface LabelView {
  readonly endpoint: string
  readonly naming: NamingConvention
  readonly rules: readonly LabelRule[]
}

/** The schema that an endpoint has in the dataset; undefined before its first load. */
export type SchemaOf = (endpoint: string) => EndpointSchema | undefined

export interface RenewOptions {
  readonly schemaOf: SchemaOf
  /** Whether an endpoint without a schema has been read, and has no records. */
  readonly isSynced: (endpoint: string) => boolean
  /** Whether the view has just been dropped. */
  readonly dropped: boolean
}

/**
 * Makes, renews or drops the label view of an endpoint, as need be. Returns what keeps labels out of it. Without any
 * definitions there is no view, unless there was one before.
 */
export async function settleLabelView(
  trx: LoadTransaction,
  { endpoint, naming, rules }: LabelView,
  { schemaOf, isSynced, dropped }: RenewOptions,
): Promise<readonly string[]> {
  const { tables = [] } = schemaOf(endpoint) ?? {}
  const [root] = tables
  if (!root) return []
  if (rules.length === 0) {
    await dropLabelView(trx, root.name)
    return []
  }
  const problems: string[] = []
  const labels: FieldLabel[] = []
  let defined = false
  for (const rule of rules) {
    const definitions = schemaOf(rule.from)?.tables[0]
    const missing = definitions ? missingFields(definitions, rule) : []
    if (!definitions && !isSynced(rule.from)) {
      problems.push(`${rule.from} is not in the dataset; sync that endpoint too`)
      continue
    }
    defined = true
    if (missing.length > 0) problems.push(`${rule.from} has no column for ${missing.join(', ')}`)
    else if (definitions) labels.push(...(await readLabels(trx, definitions, rule)))
  }
  if (!defined && !dropped && !(await hasLabelView(trx, root.name))) return problems
  const problem = await renewLabelView(trx, { tables, labels, naming })
  return problem === null ? problems : [...problems, problem]
}

/** Drops the label view over tables of which a column is to be widened: Postgres widens none that a view reads. */
export async function dropForWidening(
  trx: LoadTransaction,
  after: EndpointSchema,
  before: EndpointSchema | undefined,
): Promise<boolean> {
  const [root] = after.tables
  if (!root || !before || !isWidened(after, before)) return false
  return dropLabelView(trx, root.name)
}

function isWidened(after: EndpointSchema, before: EndpointSchema): boolean {
  return after.tables.some((table) => {
    const old = before.tables.find(({ name }) => name === table.name)
    const types = new Map(old?.columns.map(({ name, type }) => [name, type]))
    return table.columns.some(({ name, type }) => (types.get(name) ?? type) !== type)
  })
}

/** What a load that is not merely staged may have changed for label views. */
export interface FollowOptions {
  readonly views: readonly LabelView[]
  /** Schemas as they are before the load. */
  readonly schemaOf: SchemaOf
  /** Whether the load changed the endpoint's schema. */
  readonly changed: boolean
  readonly dropped: boolean
}

/**
 * Brings the label views up to date that a load may have changed: by another schema of the table, or by other rows of
 * the definitions. What keeps labels out of them is told when the run ends.
 */
export async function followLoad(
  trx: LoadTransaction,
  load: Load,
  { views, schemaOf, changed, dropped }: FollowOptions,
): Promise<void> {
  const isOtherRows = load.batches.length > 0 || load.publish !== 'none' || load.deletes
  for (const view of views) {
    const isOwn = view.endpoint === load.endpoint
    const isDefined = isOtherRows && view.rules.some(({ from }) => from === load.endpoint)
    if (!(isOwn && changed) && !isDefined) continue
    await settleLabelView(trx, view, {
      schemaOf: (name) => (name === load.endpoint ? load.schema : schemaOf(name)),
      isSynced: () => false,
      dropped: isOwn && dropped,
    })
  }
}

function missingFields(definitions: TableSchema, { key, label }: LabelRule): string[] {
  return [key, label].filter((field) => fieldColumns(definitions, field).length === 0)
}

/** The labels that the definitions give, but for those that are marked as deleted. */
async function readLabels(
  trx: LoadTransaction,
  table: TableSchema,
  { key, label, field }: LabelRule,
): Promise<FieldLabel[]> {
  const query = { table, staged: false, fields: [key, label, LOADED], changedAfter: null }
  const byKey = new Map<string, { readonly text: string; readonly loaded: string }>()
  for await (const { values } of readParents(trx, query, (work) => work(0))) {
    const id = textOf(values.get(key))
    const text = textOf(values.get(label))
    const loaded = textOf(values.get(LOADED)) ?? ''
    // In a table that is appended to, the row that came last is what holds.
    const isNewer = loaded >= (byKey.get(id ?? '')?.loaded ?? '')
    if (id !== null && text !== null && isNewer) byKey.set(id, { text, loaded })
  }
  return [...byKey].map(([id, { text }]) => ({
    key: id,
    field: field.replaceAll('{key}', () => id),
    label: text,
    labeledPath: field.replaceAll('{key}', () => text),
  }))
}

const LOADED = '_dlt_load_id'

function textOf(value: JsonValue | undefined): string | null {
  return value === null || value === undefined || typeof value === 'object' ? null : String(value)
}
