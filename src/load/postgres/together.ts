import { CompiledQuery, type Kysely } from 'kysely'

/** Statements that go out together; they stand where a single one has its parameters. */
export class Statements {
  readonly each: Iterable<CompiledQuery>

  constructor(each: Iterable<CompiledQuery>) {
    this.each = each
  }
}

/**
 * Runs statements one after the other in a single round trip. Each is taken when the one before it is on its way, so
 * that it can be made meanwhile. Returns the rows of each.
 */
export async function executeTogether<DB, Row>(
  db: Kysely<DB>,
  statements: Iterable<CompiledQuery>,
): Promise<Row[][]> {
  const query = CompiledQuery.raw('statements that go out together', [new Statements(statements)])
  const { rows } = await db.executeQuery<Row[]>(query)
  return rows
}
