import type { Compilable, CompiledQuery, DialectAdapter, Kysely, QueryResult } from 'kysely'
import type { SystemTables } from './system-tables.ts'

/** Runs a prepared statement with these parameters. */
export type Prepared<Parameters, Row> = (
  db: Kysely<SystemTables>,
  parameters: Parameters,
) => Promise<QueryResult<Row>>

/** Stands for a parameter while the statement is compiled. */
class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A statement that every load runs: compiling it takes many times as long as SQLite takes to run it, so it is compiled
 * once for each open database.
 *
 * @param build makes the statement; in the place of each value stands `parameter` with a name of its own
 */
export function prepared<Parameters extends object, Row = unknown>(
  build: (
    db: Kysely<SystemTables>,
    parameter: <Name extends keyof Parameters & string>(name: Name) => Parameters[Name],
  ) => Compilable<Row>,
): Prepared<Parameters, Row> {
  const compiled = new WeakMap<DialectAdapter, CompiledQuery<Row>>()
  return (db, parameters) => {
    const { adapter } = db.getExecutor()
    let query = compiled.get(adapter)
    if (!query) {
      query = build(db, (name) => new Placeholder(name) as never).compile()
      compiled.set(adapter, query)
    }
    const values = parameters as Readonly<Record<string, unknown>>
    return db.executeQuery({
      ...query,
      parameters: query.parameters.map((value) =>
        value instanceof Placeholder ? values[value.name] : value,
      ),
    })
  }
}
