import type { Cell } from '../../normalize/types.ts'

const MUST_ESCAPE = /["\\]/
const ESCAPED = /["\\]/g

/**
 * One column of rows `from` to `to` as the text of a Postgres array, `{"a",NULL,"b \"quoted\""}`: one
 * parameter, whatever the number of rows. Rows too short to have the column hold null there.
 */
export function columnLiteral(
  rows: readonly (readonly Cell[])[],
  column: number,
  from: number,
  to: number,
): string {
  let literal = '{'
  for (let i = from; i < to; i++) {
    if (i > from) literal += ','
    const cell = rows[i]![column] ?? null
    if (typeof cell === 'string') literal += quoted(cell)
    else literal += cell === null ? 'NULL' : String(cell)
  }
  return `${literal}}`
}

/** Texts as a Postgres array. */
export function textArray(values: readonly string[]): string {
  return `{${values.map(quoted).join(',')}}`
}

function quoted(text: string): string {
  return `"${MUST_ESCAPE.test(text) ? text.replaceAll(ESCAPED, '\\$&') : text}"`
}
