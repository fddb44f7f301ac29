import { SluiceError } from '../core/errors.ts'
import type { Dataset } from '../state/dataset.ts'

/**
 * A dataset that answers from the real one, where it exists, and writes nothing: loads are only counted.
 *
 * @param real opened for reading; null when the dataset does not exist yet
 */
export function createDryDataset(real: Dataset | null, maxIdentifierBytes: number): Dataset {
  return {
    maxIdentifierBytes,
    lock: async () => {},
    unlock: async () => {},
    schemas: async () => (await real?.schemas()) ?? [],
    bookmark: async (endpoint, partition) => (await real?.bookmark(endpoint, partition)) ?? null,
    bookmarks: async () => (await real?.bookmarks()) ?? [],
    tokens: () => ({ load: async () => null, save: async () => {} }),
    setBookmark: async () => {},
    resetBookmarks: async () => {},
    commit: async ({ batches }) => ({
      rows: Object.fromEntries(batches.map(({ table, rows }) => [table.name, rows.length])),
    }),
    clearStage: async () => {},
    parents(query) {
      if (real && !query.staged) return real.parents(query)
      throw new SluiceError(
        'PARENT_FAILED',
        `the records of ${query.table.endpoint} are not in the dataset, and a dry run does not put them there`,
        { hint: 'run sync without --dry-run once' },
      )
    },
    newestLoad: async (table) => (await real?.newestLoad(table)) ?? null,
    startRun: async () => {},
    finishRun: async () => {},
    runs: async (limit) => (await real?.runs(limit)) ?? [],
    runEndpoints: async (runId) => (await real?.runEndpoints(runId)) ?? [],
    rowCounts: async () => (await real?.rowCounts()) ?? new Map(),
    query: async (sql) => (await real?.query(sql)) ?? { columns: [], rows: [] },
    close: async () => real?.close(),
  }
}
