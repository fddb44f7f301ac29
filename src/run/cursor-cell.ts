import { createCursor, type Position } from '../extract/cursor.ts'
import { toCell } from '../normalize/coerce.ts'
import type { Cell, DataType } from '../normalize/types.ts'

/** Any other format takes a number for seconds or milliseconds by its size, so that no one number is the bound. */
const NUMBERS: ReadonlySet<string> = new Set(['number', 'epoch', 'epoch_ms'])

/**
 * The least value a cursor's column can hold that is not before a position. Null where the column's values do not sort
 * as the positions of that format do.
 */
export function cursorCell(type: DataType, format: string, position: Position): Cell {
  const cursor = createCursor(format)
  switch (type) {
    case 'timestamp':
      return cursor.kind === 'time' ? position : null
    case 'date':
      return cursor.kind === 'time'
        ? (createCursor('date').format(position, 'upper') as string)
        : null
    case 'bigint':
    case 'double':
    case 'decimal': {
      if (!NUMBERS.has(format)) return null
      const number = cursor.format(position, 'upper') as number | bigint
      const isFraction = typeof number === 'number' && type === 'bigint'
      return toCell(isFraction ? Math.ceil(number) : number, type)
    }
    default:
      return null
  }
}
