import { hash } from 'node:crypto'
import type { SchemaChange } from '../core/events.ts'
import type { Timestamp } from '../core/time.ts'
import type { LoadTransaction, Reader } from '../load/destination.ts'
import type { EndpointSchema } from '../normalize/types.ts'

/** One version of an endpoint's schema, as `_sluice_schema` has it. */
export interface SchemaVersion {
  /** Counts from 1 for every endpoint. */
  readonly version: number
  readonly hash: string
  readonly schema: EndpointSchema
}

/** A schema as it is stored, and the hash that tells its versions apart. */
interface SerializedSchema {
  readonly text: string
  readonly hash: string
}

/** Every load brings a schema, and few bring another than the load before. */
const serialized = new WeakMap<EndpointSchema, SerializedSchema>()

export function serializeSchema(schema: EndpointSchema): SerializedSchema {
  const known = serialized.get(schema)
  if (known) return known
  const text = JSON.stringify(schema)
  const result = { text, hash: hash('sha256', text, 'hex').slice(0, 32) }
  serialized.set(schema, result)
  return result
}

/** The newest version of every endpoint's schema, by endpoint. */
export async function readSchemas({ db }: Reader): Promise<Map<string, SchemaVersion>> {
  const rows = await db
    .selectFrom('_sluice_schema as stored')
    .select(['endpoint', 'version', 'version_hash', 'schema'])
    .where('version', '=', (query) =>
      query
        .selectFrom('_sluice_schema as any')
        .select((max) => max.fn.max('any.version').as('newest'))
        .whereRef('any.endpoint', '=', 'stored.endpoint'),
    )
    .orderBy('endpoint')
    .execute()
  return new Map(
    rows.map((row) => [
      row.endpoint,
      {
        version: row.version,
        hash: row.version_hash,
        schema: JSON.parse(row.schema) as EndpointSchema,
      },
    ]),
  )
}

export async function addSchemaVersion(
  trx: LoadTransaction,
  added: {
    readonly endpoint: string
    readonly version: number
    readonly hash: string
    readonly text: string
    readonly changes: readonly SchemaChange[]
    readonly loadId: string
    readonly now: Timestamp
  },
): Promise<void> {
  await trx.db
    .insertInto('_sluice_schema')
    .values({
      endpoint: added.endpoint,
      version: added.version,
      version_hash: added.hash,
      schema: added.text,
      changes: JSON.stringify(added.changes),
      load_id: added.loadId,
      inserted_at: added.now,
    })
    .execute()
}
