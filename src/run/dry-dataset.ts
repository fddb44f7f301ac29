import type { JsonValue } from '../core/json.ts'
import type { Dataset, Load, ParentRow } from '../state/dataset.ts'

/** Parents of which children are asked for in a dry run, of those that are not in the dataset. */
const PARENTS_KEPT = 100

/**
 * A dataset that answers from the real one, where it exists, and writes nothing: loads are only counted. Of
 * each endpoint the first rows are kept in memory, so that its children can be asked for.
 *
 * @param real opened for reading; null when the dataset does not exist yet
 */
export function createDryDataset(real: Dataset | null, maxIdentifierBytes: number): Dataset {
  const kept = new Map<string, ParentRow[]>()

  function keep({ endpoint, batches, loadId }: Load): void {
    const rows = kept.get(endpoint) ?? []
    kept.set(endpoint, rows)
    for (const { table, rows: laidOut } of batches) {
      if (table.parent !== null) continue
      for (const row of laidOut.slice(0, PARENTS_KEPT - rows.length)) {
        const values = table.columns.map(({ path }, i): [string, JsonValue] => [
          path?.join('.') ?? '',
          row[i] ?? null,
        ])
        rows.push({ id: String(row[0]), loadId, values: new Map(values) })
      }
    }
  }

  return {
    maxIdentifierBytes,
    lock: async () => {},
    unlock: async () => {},
    schemas: async () => (await real?.schemas()) ?? [],
    bookmark: async (endpoint, partition) => (await real?.bookmark(endpoint, partition)) ?? null,
    bookmarks: async (endpoint) => (await real?.bookmarks(endpoint)) ?? [],
    tokens: () => ({ load: async () => null, save: async () => {} }),
    setBookmark: async () => {},
    resetBookmarks: async () => {},
    windows: async (endpoint) => (await real?.windows(endpoint)) ?? [],
    commit: async (load) => {
      keep(load)
      const rows: Record<string, number> = {}
      for (const batch of load.batches) {
        rows[batch.table.name] = (rows[batch.table.name] ?? 0) + batch.rows.length
      }
      return { rows, deleted: 0, restored: 0 }
    },
    valueProblem: async () => null,
    clearStage: async () => {},
    unstage: async () => {},
    countUnseen: async () => ({ rows: 0, unseen: 0 }),
    async *parents(query) {
      const inMemory = kept.get(query.table.endpoint)
      if (inMemory) yield* inMemory
      else if (real && !query.staged) yield* real.parents(query)
    },
    knownRows: async (table, ids) => (await real?.knownRows(table, ids)) ?? new Map(),
    newestLoad: async (table) => (await real?.newestLoad(table)) ?? null,
    startRun: async () => {},
    completeIndexes: async () => [],
    settleLabelViews: async () => [],
    finishRun: async () => {},
    runs: async (query) => (await real?.runs(query)) ?? [],
    runEndpoints: async (runId) => (await real?.runEndpoints(runId)) ?? [],
    rowCounts: async () => (await real?.rowCounts()) ?? new Map(),
    query: async (sql) => (await real?.query(sql)) ?? { columns: [], rows: [] },
    close: async () => real?.close(),
  }
}
