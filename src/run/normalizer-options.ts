import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { NormalizerOptions } from '../normalize/normalizer.ts'
import type { EndpointSchema } from '../normalize/types.ts'

/** What the normalizer has to know about the dataset an endpoint goes to. */
export interface DatasetNames {
  readonly maxIdentifierBytes: number
  /** The endpoint's schema as earlier runs left it. */
  readonly known: EndpointSchema | null
  /** Tables of other endpoints. */
  readonly takenTables: ReadonlySet<string>
}

/** Names in a dataset that does not exist yet fit every destination. */
const NEW_DATASET: DatasetNames = { maxIdentifierBytes: 63, known: null, takenTables: new Set() }

/** An endpoint's configuration as the normalizer takes it. */
export function normalizerOptions(
  endpoint: ResolvedEndpoint,
  names: DatasetNames = NEW_DATASET,
): NormalizerOptions {
  return {
    ...names,
    endpoint: endpoint.name,
    tableName: endpoint.table_name ?? endpoint.name,
    primaryKey: endpoint.primary_key ?? [],
    // An appended record is a row of its own each time, whatever its key.
    keyed: endpoint.primary_key !== undefined && endpoint.write_disposition !== 'append',
    cursorPath: transformedPath(endpoint.incremental?.cursor_path, endpoint.transform),
    columns: endpoint.columns,
    jsonColumns: endpoint.json_columns,
    maxNesting: endpoint.max_nesting,
    contract: endpoint.schema_contract,
    marksDeleted: endpoint.deletes?.mode === 'soft',
    naming: endpoint.naming,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
  }
}

/** Where a field of the record is once the transforms have renamed it; null for none. */
function transformedPath(
  path: string | undefined,
  transform: ResolvedEndpoint['transform'],
): string | null {
  if (path === undefined) return null
  return transform.reduce(
    (current, step) => ('rename' in step ? (step.rename[current] ?? current) : current),
    path,
  )
}
