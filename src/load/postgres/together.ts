import { CompiledQuery, type Kysely } from 'kysely'

/** Statements that go out together; they stand where a single one has its parameters. */
export class Statements {
  readonly each: readonly CompiledQuery[]

  constructor(each: readonly CompiledQuery[]) {
    this.each = each
  }
}

/** Runs statements one after the other in a single round trip. Returns the rows of each. */
export async function executeTogether<DB, Row>(
  db: Kysely<DB>,
  statements: readonly CompiledQuery<Row>[],
): Promise<Row[][]> {
  const text = statements.map(({ sql }) => sql).join('; ')
  const query = CompiledQuery.raw(text, [new Statements(statements)]) as CompiledQuery<Row[]>
  const { rows } = await db.executeQuery(query)
  return rows
}
