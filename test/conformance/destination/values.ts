import { expect, it } from 'vitest'
import type { Cell } from '../../../src/normalize/types.ts'
import type { DestinationType } from '../../support/databases.ts'
import { rootTable } from '../../support/loads.ts'
import { useDataset } from './fixture.ts'

/** Every value comes back as it was written. */
export function valueConformance(type: DestinationType): void {
  const test = useDataset(type)

  const exact = {
    text: [
      '',
      ' x ',
      "it's",
      '"',
      '\\',
      '\\N',
      '{a,b}',
      'NULL',
      'null',
      '😀 e\u0301',
      'a\nb\tc',
      '\u0001\u2028',
    ],
    bigint: [
      0,
      -1,
      2 ** 31,
      2 ** 53 - 1,
      9007199254740993n,
      9223372036854775807n,
      -9223372036854775808n,
    ],
    decimal: ['0.10', '-12.50', '18446744073709551616', `${'9'.repeat(60)}.${'1'.repeat(30)}`],
    double: [0.1, -2.5, 1e300, 5e-324, 1.7976931348623157e308, 123456789.12345679, 3],
    bool: [true, false],
    timestamp: [
      '2012-09-04T20:57:52.851000Z',
      '2024-02-29T23:59:59.999999Z',
      '1969-12-31T23:59:59.000001Z',
      '0001-01-01T00:00:00.000000Z',
      '9999-12-31T23:59:59.999999Z',
    ],
    date: ['2024-02-29', '0001-01-01', '9999-12-31'],
    json: [
      '{"a":[1,{"b":null}],"😀":"\\"\\\\"}',
      '[]',
      '"x"',
      '9223372036854775808',
      '0.1',
      'null',
      'true',
    ],
  } as const satisfies Record<string, readonly Cell[]>

  it('reads every type back as it was written', async () => {
    const types = Object.keys(exact) as (keyof typeof exact)[]
    const table = rootTable('v', {
      id: 'bigint',
      ...Object.fromEntries(types.map((t) => [t, t])),
    })
    const longest = Math.max(...types.map((type) => exact[type].length))
    const rows = Array.from({ length: longest }, (_, i) => [
      i,
      ...types.map((type) => exact[type][i] ?? null),
    ])
    await test.merge(table, ...rows)
    const dump = (await test.data()).v!.sort((a, b) => Number(a.id) - Number(b.id))
    for (const type of types) {
      const wanted = rows.map((row) => row[types.indexOf(type) + 1]!)
      const parsed =
        type === 'json'
          ? wanted.map((text) => (text === null ? null : parsedJson(text as string)))
          : wanted
      expect({ [type]: dump.map((row) => row[type]) }).toEqual({ [type]: parsed })
    }
  })

  it('hands parents over as JSON values', async () => {
    const table = rootTable('v', {
      id: 'bigint',
      ...Object.fromEntries(Object.keys(exact).map((t) => [t, t as keyof typeof exact])),
    })
    await test.merge(table, [
      1,
      'x',
      9007199254740993n,
      '18446744073709551616',
      1.5,
      true,
      '2012-09-04T20:57:52.851000Z',
      '2024-02-29',
      '{"a":[1]}',
    ])
    const fields = [...Object.keys(exact), 'gone']
    const [parent] = await collect(
      test.dataset.parents({ table, staged: false, fields, changedAfter: null }),
    )
    expect(Object.fromEntries(parent!.values)).toEqual({
      text: 'x',
      bigint: 9007199254740993n,
      decimal: 18446744073709551616n,
      double: 1.5,
      bool: true,
      timestamp: '2012-09-04T20:57:52.851000Z',
      date: '2024-02-29',
      json: { a: [1] },
      gone: null,
    })
  })

  it('holds a column that never had a value', async () => {
    await test.merge(rootTable('t', { id: 'text', nothing: 'json' }), ['a', null], ['b', null])
    expect(await test.data()).toEqual({
      t: [
        { id: 'a', nothing: null },
        { id: 'b', nothing: null },
      ],
    })
  })

  it('holds 300 columns', async () => {
    const columns = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`c${i}`, 'bigint' as const]),
    )
    const table = rootTable('wide', { id: 'text', ...columns })
    const cells = Array.from({ length: 300 }, (_, i) => i)
    await test.merge(table, ['a', ...cells], ['b', ...cells])
    await test.merge(table, ['b', ...cells.toReversed()])
    const [a, b] = (await test.data()).wide!
    expect([a!.c299, b!.c299]).toEqual([299, 0])
  })

  it('takes 40,000 rows in one load, and again', async () => {
    const table = rootTable('many', { id: 'bigint', v: 'text' })
    const rows = Array.from({ length: 40_000 }, (_, i) => [i, `row ${i}`])
    expect((await test.merge(table, ...rows)).rows).toEqual({ many: 40_000 })
    await test.merge(table, ...rows.map(([id]) => [id!, 'again']))
    const { rows: counted } = await test.dataset.query(
      "select count(*), sum(case when v = 'again' then 1 else 0 end) from many",
    )
    expect(counted).toEqual([[40_000, 40_000]])
  })
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

function parsedJson(text: string): unknown {
  return text === '9223372036854775808' ? 9223372036854775808n : JSON.parse(text)
}
