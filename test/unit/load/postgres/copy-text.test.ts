import { expect, it } from 'vitest'
import { copyText } from '../../../../src/load/postgres/copy-text.ts'
import type { Cell } from '../../../../src/normalize/types.ts'

const columns = (...names: string[]) =>
  names.map((name) => ({ name, type: 'text', path: null }) as const)

function text(rows: Cell[][], width = rows[0]!.length): string {
  const names = Array.from({ length: width }, (_, i) => `c${i}`)
  return [...copyText({ table: 't', columns: columns(...names), rows })].join('')
}

it('writes a line for each row, its cells apart by tabs', () => {
  const rows: Cell[][] = [
    ['a', 1, true],
    ['', -2n, null],
    ['😀', 1e300, false],
  ]
  expect(text(rows)).toBe('a\t1\ttrue\n\t-2\t\\N\n😀\t1e+300\tfalse\n')
})

it('takes what is missing at the end of a row for null', () => {
  expect(text([['a'], ['b', 'c', 'd']], 3)).toBe('a\t\\N\t\\N\nb\tc\td\n')
})

it('escapes what would read as the end of a cell or a row, as null or as the end of the text', () => {
  expect(text([['a\tb', 'a\nb', 'a\rb', 'a\\b', '\\N', '\\.']])).toBe(
    'a\\tb\ta\\nb\ta\\rb\ta\\\\b\t\\\\N\t\\\\.\n',
  )
})

it('makes whole rows, some at a time, and none before it is asked for', () => {
  let made = 0
  const rows = Array.from({ length: 100 }, (_, i): Cell[] => [i, 'x'.repeat(10_000)])
  const counted = { table: 't', columns: columns('id', 'v'), rows: counting(rows, () => made++) }
  const parts = copyText(counted)
  expect(made).toBe(0)
  const first = parts.next().value as string
  expect(made).toBeLessThan(10)
  expect([first.startsWith('0\txxx'), first.endsWith('x\n')]).toEqual([true, true])
  const rest = [...parts]
  expect(rest.length).toBeGreaterThan(5)
  expect([first, ...rest].join('').split('\n')).toHaveLength(101)
})

function counting(rows: Cell[][], count: () => void): Cell[][] {
  return new Proxy(rows, {
    get: (target, key) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) count()
      return Reflect.get(target, key) as unknown
    },
  })
}
