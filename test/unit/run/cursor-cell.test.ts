import { expect, it } from 'vitest'
import type { Position } from '../../../src/extract/cursor.ts'
import type { Cell, DataType } from '../../../src/normalize/types.ts'
import { cursorCell } from '../../../src/run/cursor-cell.ts'

const DAY = '2025-01-03T00:00:00.000000Z'
const NOON = '2025-01-03T12:00:00.500000Z'

it.each<[DataType, string, Position, Cell]>([
  ['timestamp', 'iso', NOON, NOON],
  ['timestamp', 'date', DAY, DAY],
  ['date', 'iso', DAY, '2025-01-03'],
  // A day of which only a part was asked for is not spoken for.
  ['date', 'iso', NOON, '2025-01-04'],
  ['bigint', 'epoch', DAY, 1735862400],
  ['bigint', 'epoch', NOON, 1735905601],
  ['bigint', 'epoch_ms', NOON, 1735905600500],
  ['double', 'epoch', DAY, 1735862400],
  ['decimal', 'epoch', DAY, '1735862400'],
  ['bigint', 'number', 7, 7],
  ['bigint', 'number', 1.5, 2],
  ['bigint', 'number', 9007199254740993n, 9007199254740993n],
  ['double', 'number', 1.5, 1.5],
  ['decimal', 'number', 1e21, '1000000000000000000000'],
])('a %s column with the format %s holds from %s on: %s', (type, format, position, cell) => {
  expect(cursorCell(type, format, position)).toEqual(cell)
})

it.each<[DataType, string, Position]>([
  ['text', 'iso', DAY],
  ['text', 'string', 'a'],
  ['json', 'iso', DAY],
  ['timestamp', 'string', 'a'],
  ['timestamp', 'number', 7],
  ['date', 'number', 7],
  // Seconds or milliseconds, by their size.
  ['bigint', 'iso', DAY],
])('a %s column with the format %s does not sort as its positions', (type, format, position) => {
  expect(cursorCell(type, format, position)).toBeNull()
})
