import { SluiceError } from '../core/errors.ts'
import type { JsonRecord } from '../core/json.ts'
import { createNormalizer, type Normalizer } from '../normalize/normalizer.ts'
import type { NormalizedPage, Reject } from '../normalize/types.ts'
import type {
  BookmarkState,
  Load,
  LoadDeletes,
  LoadResult,
  WindowUpdate,
} from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import { findMisfits } from './misfits.ts'
import { normalizerOptions } from './normalizer-options.ts'
import type { PlannedEndpoint } from './plan.ts'
import { createRejectLimit } from './reject-limit.ts'
import { warnDeletesUnseen } from './unseen.ts'

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
  /** See `Load.latest`. */
  readonly latest?: boolean
  /** What becomes of everything staged; see `Load.publish`. */
  readonly publish: 'none' | 'replace' | 'append'
}

/** A record that a transform failed on, and why. */
export interface FailedRecord {
  readonly reason: string
  readonly record: JsonRecord
}

/** One page as it is to be written. */
export interface PageToWrite {
  readonly records: readonly JsonRecord[]
  readonly failed: readonly FailedRecord[]
  /** Where a sweep follows: records that are not to be loaded and yet there; null for no sweep. */
  readonly others: readonly JsonRecord[] | null
}

/** Turns an endpoint's pages into rows and commits them, each page with the bookmark that says it was read. */
export interface EndpointWriter {
  /**
   * Commits one page; does nothing when there is nothing to change. A record that the destination can't store goes to
   * the rejects and keeps none of the others back.
   *
   * @throws SluiceError REJECTS_EXCEEDED once the page is committed, LOAD_FAILED, SCHEMA_FROZEN
   */
  write(page: PageToWrite, commit: Commit): Promise<void>
  /** Commits what was read, without a record. */
  progress(commit: Commit): Promise<void>
  /** Removes or marks rows that are gone; `bookmarks` say up to where that is known. */
  delete(deletes: LoadDeletes, bookmarks?: readonly BookmarkUpdate[]): Promise<void>
  /** Throws REJECTS_EXCEEDED when too great a share of all records could not be loaded. */
  checkRejects(): void
  /**
   * Whether every record that a sweep is to see said which row is its own. One that did not may be that of any row, so
   * that none can be called gone: the summary then says so (DELETES_UNSEEN).
   */
  namesAll(): boolean
  /** The id of the row of a record, by its key; null when it has none. */
  idOf(record: JsonRecord): string | null
}

/** The load of a page. */
interface PageLoad extends Load {
  /** Records that a sweep is to see and that have no id. */
  readonly nameless: number
}

export function createWriter(
  { endpoint, loaded }: PlannedEndpoint,
  context: RunContext,
): EndpointWriter {
  const { dataset, emit, schemas, tableNames } = context
  const limit = createRejectLimit(endpoint)
  // Whether a parent changed is told by its load. One that is touched twice within its cursor's precision may come again
  // just as it was.
  const rewrites = context.pipeline.source.endpoints.some(
    ({ depends_on: dependency }) =>
      dependency?.only_changed && dependency.endpoint === endpoint.name,
  )
  let normalizer = freshNormalizer()
  let position = 0
  let nameless = 0

  /** A normalizer that knows what is committed, and nothing of what could not be. */
  function freshNormalizer(): Normalizer {
    return createNormalizer(
      normalizerOptions(endpoint, {
        maxIdentifierBytes: dataset.maxIdentifierBytes,
        known: schemas.get(endpoint.name) ?? null,
        takenTables: tableNames.takenFrom(endpoint.name),
      }),
    )
  }

  /** The load of some records of a page, with what else it is to hold. */
  function loadOf(page: PageToWrite, commit: Commit, misfits: readonly FailedRecord[]): PageLoad {
    const loadId = context.nextLoadId()
    const normalized = normalizer.normalize(page.records, { loadId, position })
    const failed = [...page.failed, ...misfits].map(({ record, reason }) =>
      normalizer.reject(record, context.redact(reason)),
    )
    const rejects = [...normalized.rejects, ...failed]
    const { schema } = normalizer
    if (normalized.changes.length > 0) {
      tableNames.claim(
        endpoint.name,
        schema.tables.map(({ name }) => name),
      )
    }
    const shown = page.others && shownIds(normalized, rejects, page.others)
    const seen = shown?.filter((id) => id !== null)
    return {
      loadId,
      runId: context.runId,
      endpoint: endpoint.name,
      schema,
      changes: normalized.changes,
      batches: normalized.batches,
      write: commit.write,
      ...(commit.latest && { latest: true }),
      ...(rewrites && { rewrites }),
      // Publishing to tables that never existed has nothing to swap.
      publish: schema.tables.length > 0 ? commit.publish : 'none',
      keys: endpoint.write_disposition === 'append' ? 'repeated' : 'unique',
      bookmarks: commit.bookmarks,
      windows: commit.windows,
      rejects,
      ...(seen && { seen }),
      nameless: shown && seen ? shown.length - seen.length : 0,
    }
  }

  /** Ids of all records that a page shows to be there: those it loads, those it can't load, and others. */
  function shownIds(
    { batches }: NormalizedPage,
    rejects: readonly Reject[],
    others: readonly JsonRecord[],
  ): (string | null)[] {
    const loaded = batches.flatMap(({ table, rows }) =>
      table.parent === null ? rows.map((row) => row[0] as string) : [],
    )
    const ids = others.map((record) => normalizer.idOf(record))
    return [...loaded, ...rejects.map(({ id }) => id), ...ids]
  }

  async function commitLoad(load: Load): Promise<void> {
    const { rows, deleted }: LoadResult = await dataset.commit(load)
    if (load.schema.tables.length > 0) schemas.set(endpoint.name, load.schema)
    // What is read for its children alone leaves nothing behind, and would change the schema in every run.
    for (const change of loaded ? load.changes : []) {
      emit({ type: 'schema_change', endpoint: endpoint.name, change })
    }
    const rejected = load.rejects.length
    emit({ type: 'load', endpoint: endpoint.name, loadId: load.loadId, rows, rejected, deleted })
  }

  /** The load of a page without the records that the destination can't store; throws `error` when it is not for them. */
  async function withoutMisfits(
    page: PageToWrite,
    commit: Commit,
    error: unknown,
  ): Promise<PageLoad> {
    const found = await findMisfits(page.records, (records) => {
      normalizer = freshNormalizer()
      return dataset.valueProblem(loadOf({ ...page, records }, commit, []))
    })
    if (!found) throw error
    normalizer = freshNormalizer()
    return loadOf({ ...page, records: found.kept }, commit, found.misfits)
  }

  return {
    idOf: (record) => normalizer.idOf(record),
    checkRejects: () => limit.finish(),
    namesAll() {
      if (nameless === 0) return true
      const key = endpoint.primary_key?.join(', ')
      const why = `${nameless} records came without their primary key (${key}), and may be those of rows that look gone`
      warnDeletesUnseen(endpoint.name, context, why)
      return false
    },
    async write(page, commit) {
      let load = loadOf(page, commit, [])
      if (!isEmpty(load)) {
        try {
          await commitLoad(load)
        } catch (error) {
          if (!isBadValue(error) || page.records.length === 0) throw error
          load = await withoutMisfits(page, commit, error)
          await commitLoad(load)
        }
      }
      position += page.records.length
      nameless += load.nameless
      limit.add(page.records.length + page.failed.length, load.rejects.length)
    },
    async progress(commit) {
      const load = loadOf(NO_RECORDS, commit, [])
      if (!isEmpty(load)) await commitLoad(load)
    },
    delete: (deletes, bookmarks = []) =>
      commitLoad({
        ...loadOf(NO_RECORDS, { write: 'merge', publish: 'none', bookmarks, windows: [] }, []),
        deletes,
      }),
  }
}

const NO_RECORDS: PageToWrite = { records: [], failed: [], others: null }

function isEmpty(load: Load): boolean {
  const { batches, changes, rejects, bookmarks, windows, seen = [] } = load
  const parts = [batches, changes, rejects, bookmarks, windows, seen]
  return load.publish === 'none' && parts.every((part) => part.length === 0)
}

function isBadValue(error: unknown): boolean {
  return error instanceof SluiceError && error.details.badValue === true
}
