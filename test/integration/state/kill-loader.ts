import { openDataset, type OpenDatasetOptions } from '../../../src/state/dataset.ts'
import {
  childRows,
  childTable,
  loadOf,
  rootRows,
  rootTable,
  schemaOf,
} from '../../support/loads.ts'

const PAGE_ROWS = 20

/** A process that appends numbered events, page after page from its bookmark on, until it is killed. */
process.on('message', (options: OpenDatasetOptions) => void load(options))

async function load(options: OpenDatasetOptions): Promise<void> {
  const dataset = (await openDataset(options))!
  await dataset.lock({ runId: `run-${process.pid}`, pipeline: 'p' })
  const table = rootTable('events', { n: 'bigint' }, { key: [] })
  const tags = childTable(table, 'tags', { value: 'text' })
  let read = Number((await dataset.bookmark('events', ''))?.read ?? 0)
  for (let page = 0; ; page++) {
    const numbers = Array.from({ length: PAGE_ROWS }, (_, i) => read + i + 1)
    read += PAGE_ROWS
    await dataset.commit(
      loadOf(
        schemaOf(table, tags),
        [
          [table, rootRows('l', ...numbers.map((n) => [n]))],
          [tags, numbers.flatMap((n) => childRows(tags, n, ['a'], ['b']))],
        ],
        {
          loadId: String(read).padStart(9, '0'),
          write: 'append',
          bookmarks: [{ partition: '', state: { read } }],
        },
      ),
    )
    if (page === 2) process.send!('loading')
  }
}
