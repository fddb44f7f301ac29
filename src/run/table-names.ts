import { createNaming } from '../normalize/naming.ts'
import { rootTableNames } from '../normalize/table-schema.ts'
import type { EndpointSchema } from '../normalize/types.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'

/** Which endpoint the name of a table belongs to, while several make tables at the same time. */
export interface TableNames {
  /** The names that belong to other endpoints, now and later on. */
  takenFrom(endpoint: string): ReadonlySet<string>
  /** Gives an endpoint the names of tables that it has made. */
  claim(endpoint: string, tables: readonly string[]): void
}

/**
 * Names belong to who has a table in the dataset, and otherwise to the endpoint whose own table is to be called so: who
 * comes first does not matter.
 */
export function createTableNames(
  schemas: Iterable<EndpointSchema>,
  endpoints: readonly ResolvedEndpoint[],
  maxIdentifierBytes: number,
): TableNames {
  const owners = new Map<string, string>()
  const takenFrom = new Map<string, Set<string>>()

  function claim(endpoint: string, tables: readonly string[]): void {
    for (const table of tables) {
      if (owners.has(table)) continue
      owners.set(table, endpoint)
      for (const [other, taken] of takenFrom) if (other !== endpoint) taken.add(table)
    }
  }

  const known = new Set<string>()
  for (const { endpoint, tables } of schemas) {
    known.add(endpoint)
    claim(
      endpoint,
      tables.map(({ name }) => name),
    )
  }
  for (const { name, table_name: wanted = name, naming } of endpoints) {
    if (known.has(name)) continue
    const [plain] = rootTableNames(wanted, createNaming(naming, maxIdentifierBytes))
    claim(name, plain === undefined ? [] : [plain])
  }
  return {
    takenFrom(endpoint) {
      let taken = takenFrom.get(endpoint)
      if (!taken) {
        const others = [...owners].filter(([, owner]) => owner !== endpoint)
        taken = new Set(others.map(([table]) => table))
        takenFrom.set(endpoint, taken)
      }
      return taken
    },
    claim,
  }
}
