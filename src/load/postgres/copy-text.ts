import type { Cell } from '../../normalize/types.ts'
import type { RowsForTable } from '../destination.ts'

const MUST_ESCAPE = /[\\\n\r\t]/
const ESCAPED = /[\\\n\r\t]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** So many characters are made at a time, whole rows of them: what a table brings is never held twice. */
const MAX_CHARACTERS = 65_536

/**
 * Rows in the text format of COPY, a line for each: cells apart by tabs, `\N` for null. Rows too short to have a column
 * hold null there.
 */
export function* copyText({ columns, rows }: RowsForTable): Generator<string> {
  const width = columns.length
  let text = ''
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      if (i > 0) text += '\t'
      text += copyCell(row[i] ?? null)
    }
    text += '\n'
    if (text.length < MAX_CHARACTERS) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

function copyCell(cell: Cell): string {
  if (cell === null) return '\\N'
  if (typeof cell !== 'string') return String(cell)
  return MUST_ESCAPE.test(cell)
    ? cell.replaceAll(ESCAPED, (character) => ESCAPES[character]!)
    : cell
}
