type Row = Readonly<Record<string, unknown>>

/** Two datasets in one database: what Sluice made, and what the floor did. */
export interface Datasets {
  readonly sluice: Schema
  readonly floor: Schema
  query(this: void, sql: string): Promise<readonly Row[]>
}

export interface Schema {
  /** How a query names it. */
  readonly name: string
  /** A query for its columns: `table`, `column`, `type`. */
  readonly columns: string
  /** A query for its indexes: `table`, whether they are `unique`, and their `columns`. */
  readonly indexes: string
}

/** Which load wrote a row says nothing of the row. */
const LOAD_ID = '_dlt_load_id'

/** Fails unless both hold the same tables, with the same columns, indexes and rows. */
export async function compareDatasets({ sluice, floor, query }: Datasets): Promise<void> {
  const lines = async (sql: string) => (await query(sql)).map((row) => JSON.stringify(row)).sort()
  for (const what of ['columns', 'indexes'] as const) {
    const [made, wanted] = [await lines(sluice[what]), await lines(floor[what])]
    if (made.join('\n') === wanted.join('\n')) continue
    throw new Error(`${what} differ:\n${made.join('\n')}\nby hand:\n${wanted.join('\n')}`)
  }
  const columns = (await query(floor.columns)) as readonly { table: string; column: string }[]
  for (const table of new Set(columns.map((column) => column.table))) {
    const names = columns
      .filter((column) => column.table === table && column.column !== LOAD_ID)
      .map(({ column }) => `"${column}"`)
      .join(', ')
    const rowsOf = (schema: Schema) => `select ${names} from ${schema.name}."${table}"`
    const differing = [
      ...(await query(`${rowsOf(sluice)} except ${rowsOf(floor)} limit 3`)),
      ...(await query(`${rowsOf(floor)} except ${rowsOf(sluice)} limit 3`)),
    ]
    if (differing.length === 0) continue
    throw new Error(
      `rows of ${table} differ:\n${differing.map((row) => JSON.stringify(row)).join('\n')}`,
    )
  }
}
