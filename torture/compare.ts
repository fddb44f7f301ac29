import { openDataset, type Dataset } from '../src/state/dataset.ts'
import type { DestinationConfig } from '../src/load/index.ts'
import { DELETED_AT } from '../src/normalize/types.ts'
import { dumpRecords, type Records } from '../test/support/records.ts'
import { surplus } from '../test/support/surplus.ts'
import { LISTS, type List } from './lists.ts'
import type { World } from './world.ts'

const SHOWN = 3

/** What a dataset says: its records, and those that could not be loaded. */
export interface Said {
  readonly records: Records
  readonly rejects: readonly unknown[]
}

export async function readDataset(
  destination: DestinationConfig,
  dataset: string,
  folder: string,
): Promise<Said> {
  const opened = (await openDataset({ destination, dataset, folder, mode: 'read' }))!
  try {
    return { records: withoutTimes(await dumpRecords(opened)), rejects: await rejectsOf(opened) }
  } finally {
    await opened.close()
  }
}

/** When a row was found to be gone differs from run to run; that it was must not. */
function withoutTimes(records: Records): Records {
  for (const row of Object.values(records).flat()) {
    if (row[DELETED_AT] !== undefined) row[DELETED_AT] = 'deleted'
  }
  return records
}

async function rejectsOf(dataset: Dataset): Promise<readonly unknown[]> {
  const { rows } = await dataset.query(
    'select endpoint, reason, record from _sluice_rejects order by 1, 2, 3',
  )
  return rows
}

/** Where two datasets differ, one line each. */
export function differences(disturbed: Said, calm: Said): string[] {
  const tables = new Set([...Object.keys(disturbed.records), ...Object.keys(calm.records)])
  const found = [...tables].flatMap((table) =>
    rowDifferences(table, disturbed.records[table] ?? [], calm.records[table] ?? []),
  )
  return [...found, ...rowDifferences('_sluice_rejects', disturbed.rejects, calm.rejects)]
}

function rowDifferences(table: string, disturbed: readonly unknown[], calm: readonly unknown[]) {
  const spell = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row))
  const only = (these: readonly unknown[], those: readonly unknown[]) =>
    surplus(spell(these), spell(those))
  return [
    ...only(disturbed, calm).map((row) => `${table}: only in the disturbed: ${row}`),
    ...only(calm, disturbed).map((row) => `${table}: only in the calm: ${row}`),
  ].slice(0, 2 * SHOWN)
}

/**
 * Where a dataset does not say what the API does.
 * @param since from when on the records of a list were to be read, in epoch milliseconds
 */
export function untruths(
  said: Said,
  world: World,
  names: readonly string[],
  since: (list: List) => number,
): string[] {
  return LISTS.filter(({ name }) => names.includes(name)).flatMap((list) => {
    const { name, gone } = list
    const rows = (said.records[name] ?? []).filter((row) => row[DELETED_AT] === undefined)
    const spell = (row: Record<string, unknown>) => `${String(row.number)} v${String(row.version)}`
    const there = new Map<string, number>()
    for (const row of rows) there.set(spell(row), (there.get(spell(row)) ?? 0) + 1)
    const wanted = world
      .entries(name)
      .filter(({ at, record }) => at >= since(list) && 'id' in record)
    const missing = wanted.filter(({ record }) => !there.has(spell(record)))
    const twice = [...there].filter(([, count]) => count > 1).map(([row]) => row)
    const surplus = gone === 'stay' ? 0 : rows.length - wanted.length
    return [
      ...missing.slice(0, SHOWN).map(({ record }) => `${name}: ${spell(record)} is missing`),
      ...twice.slice(0, SHOWN).map((row) => `${name}: ${row} is there twice`),
      ...(surplus > 0 ? [`${name}: ${surplus} rows that the API does not have`] : []),
    ]
  })
}
