import type { JsonRecord } from '../core/json.ts'
import { createNormalizer } from '../normalize/normalizer.ts'
import type { EndpointSchema, NormalizedPage } from '../normalize/types.ts'
import type { BookmarkState, Load, LoadDeletes, WindowUpdate } from '../state/dataset.ts'
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
  /**
   * Commits one page; does nothing when there is nothing to change.
   *
   * @param seen where a sweep follows: records of the page that are not loaded and yet there; null for no sweep
   */
  write(
    records: readonly JsonRecord[],
    commit: Commit,
    seen?: readonly JsonRecord[] | null,
  ): Promise<void>
  /** Removes or marks rows that are gone; `bookmarks` say up to where that is known. Returns how many. */
  delete(deletes: LoadDeletes, bookmarks?: readonly BookmarkUpdate[]): Promise<number>
  /** The id of the row of a record, by its key; null when it has none. */
  idOf(record: JsonRecord): string | null
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
    idOf: (record) => normalizer.idOf(record),
    async write(records, { write, publish, bookmarks, windows }, others = null) {
      const loadId = context.nextLoadId()
      const page = normalizer.normalize(records, { loadId, position })
      position += records.length
      const nothing =
        page.batches.length === 0 && page.changes.length === 0 && page.rejects.length === 0
      const seen = others && seenIds(page, others)
      const notes = bookmarks.length + windows.length + (seen?.length ?? 0)
      if (nothing && publish === 'none' && notes === 0) return
      // Publishing to tables that never existed has nothing to swap.
      const tables = normalizer.schema.tables.length > 0
      await commit({
        loadId,
        changes: page.changes,
        batches: page.batches,
        write,
        publish: tables ? publish : 'none',
        bookmarks,
        windows,
        rejects: page.rejects,
        ...(seen && { seen }),
      })
    },
    delete: (deletes, bookmarks = []) =>
      commit({ ...NOTHING, loadId: context.nextLoadId(), write: 'merge', bookmarks, deletes }),
  }

  async function commit(
    load: Omit<Load, 'runId' | 'endpoint' | 'schema' | 'keys'>,
  ): Promise<number> {
    const { schema } = normalizer
    const { rows, deleted } = await dataset.commit({
      ...load,
      runId: context.runId,
      endpoint: endpoint.name,
      schema,
      keys: endpoint.write_disposition === 'append' ? 'repeated' : 'unique',
    })
    if (schema.tables.length > 0) schemas.set(endpoint.name, schema)
    for (const change of load.changes) {
      emit({ type: 'schema_change', endpoint: endpoint.name, change })
    }
    const rejected = load.rejects.length
    emit({ type: 'load', endpoint: endpoint.name, loadId: load.loadId, rows, rejected, deleted })
    return deleted
  }

  /** Ids of all rows that a page shows to be there: those it loads, those it can't load, and others. */
  function seenIds({ batches, rejects }: NormalizedPage, others: readonly JsonRecord[]): string[] {
    const loaded = batches.flatMap(({ table, rows }) =>
      table.parent === null ? rows.map((row) => row[0] as string) : [],
    )
    const found = [
      ...rejects.map(({ id }) => id),
      ...others.map((record) => normalizer.idOf(record)),
    ]
    return [...loaded, ...found.filter((id) => id !== null)]
  }
}

const NOTHING = {
  changes: [],
  batches: [],
  publish: 'none',
  bookmarks: [],
  windows: [],
  rejects: [],
} as const
