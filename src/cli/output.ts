import { pad, textWidth, toLine, truncate } from './text-width.ts'

/** A value of a table: numbers and bigints are right-aligned, null is left blank. */
export type CellText = string | number | bigint | boolean | null

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly CellText[])[]
  /** The column that gives way before all others where there is no room. */
  readonly cutFirst?: string
}

const GAP = '  '
const NARROWEST = 8

/**
 * A table as lines of text, headings first. Where it is wider than `width` (columns of the terminal; infinite
 * for a pipe), the widest columns are cut; columns that still have no room are left out and named below.
 */
export function renderTable({ columns, rows, cutFirst = '' }: Table, width: number): string {
  const texts = rows.map((row) => columns.map((_, at) => toLine(String(row[at] ?? ''))))
  const headings = columns.map(toLine)
  const natural = headings.map((heading, at) =>
    texts.reduce((most, row) => Math.max(most, textWidth(row[at]!)), textWidth(heading)),
  )
  const widths = fit(natural, width, columns.indexOf(cutFirst))
  const aligned = columns.map((_, at) => {
    const values = rows.map((row) => row[at]).filter((value) => value != null)
    const numeric = values.every((value) => typeof value === 'number' || typeof value === 'bigint')
    return numeric && values.length > 0 ? 'right' : 'left'
  })
  const line = (cells: readonly string[]) =>
    widths
      .map((width, at) => pad(truncate(cells[at]!, width), width, aligned[at]!))
      .join(GAP)
      .trimEnd()
  const lines = [headings, ...texts].map(line)
  const hidden = headings.slice(widths.length)
  if (hidden.length > 0) {
    lines.push(truncate(`(${hidden.length} more: ${hidden.join(', ')})`, width))
  }
  return lines.join('\n')
}

/** Column widths that fit: the widest give way first; the last columns go when all are narrow. */
function fit(natural: readonly number[], width: number, cutFirst: number): number[] {
  const widths = [...natural]
  const least = (count: number) =>
    natural.slice(0, count).reduce((sum, own) => sum + Math.min(own, NARROWEST), 0) +
    GAP.length * (count - 1)
  while (widths.length > 1 && least(widths.length) > width) widths.pop()
  const room = width - GAP.length * (widths.length - 1)
  let excess = widths.reduce((sum, own) => sum + own, 0) - room
  while (excess > 0) {
    const first = widths[cutFirst] ?? 0
    const at = first > NARROWEST ? cutFirst : widths.indexOf(Math.max(...widths))
    if (widths[at]! <= 1) break
    widths[at]!--
    excess--
  }
  return widths
}
