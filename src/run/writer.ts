import type { JsonRecord } from '../core/json.ts'
import { createNormalizer } from '../normalize/normalizer.ts'
import type { EndpointSchema } from '../normalize/types.ts'
import type { BookmarkState, WindowUpdate } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import { normalizerOptions } from './normalizer-options.ts'
import type { PlannedEndpoint } from './plan.ts'

/** A bookmark to be committed. */
export interface BookmarkUpdate {
  readonly partition: string
  readonly state: BookmarkState
}

/** What says that something has been read. */
export interface Progress {
  readonly bookmarks: readonly BookmarkUpdate[]
  /** Windows of a backfill. */
  readonly windows: readonly WindowUpdate[]
}

/** What is committed together with a page's rows. */
export interface Commit extends Progress {
  /** Where the page's rows go; see `Load.write`. */
  readonly write: 'merge' | 'append' | 'stage'
  /** What becomes of everything staged; see `Load.publish`. */
  readonly publish: 'none' | 'replace' | 'append'
}

/** Turns an endpoint's pages into rows and commits them, each page with the bookmark that says it was read. */
export interface EndpointWriter {
  /** Commits one page; does nothing when there is nothing to change. */
  write(records: readonly JsonRecord[], commit: Commit): Promise<void>
  /** The endpoint's schema as committed; null while it has no table. */
  schema(): EndpointSchema | null
}

export function createWriter({ endpoint }: PlannedEndpoint, context: RunContext): EndpointWriter {
  const { dataset, emit, schemas } = context
  const others = [...schemas.values()].filter((schema) => schema.endpoint !== endpoint.name)
  const normalizer = createNormalizer(
    normalizerOptions(endpoint, {
      maxIdentifierBytes: dataset.maxIdentifierBytes,
      known: schemas.get(endpoint.name) ?? null,
      takenTables: new Set(others.flatMap((schema) => schema.tables.map((table) => table.name))),
    }),
  )
  let position = 0

  return {
    schema: () => schemas.get(endpoint.name) ?? null,
    async write(records, { write, publish, bookmarks, windows }) {
      const loadId = context.nextLoadId()
      const page = normalizer.normalize(records, { loadId, position })
      position += records.length
      const nothing =
        page.batches.length === 0 && page.changes.length === 0 && page.rejects.length === 0
      const noProgress = bookmarks.length === 0 && windows.length === 0
      if (nothing && publish === 'none' && noProgress) return
      // Publishing to tables that never existed has nothing to swap.
      const tables = normalizer.schema.tables.length > 0
      const { rows } = await dataset.commit({
        loadId,
        runId: context.runId,
        endpoint: endpoint.name,
        schema: normalizer.schema,
        changes: page.changes,
        batches: page.batches,
        write,
        publish: tables ? publish : 'none',
        keys: endpoint.write_disposition === 'append' ? 'repeated' : 'unique',
        bookmarks,
        windows,
        rejects: page.rejects,
      })
      if (tables) schemas.set(endpoint.name, normalizer.schema)
      for (const change of page.changes) {
        emit({ type: 'schema_change', endpoint: endpoint.name, change })
      }
      emit({ type: 'load', endpoint: endpoint.name, loadId, rows, rejected: page.rejects.length })
    },
  }
}
