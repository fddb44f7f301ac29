import type { Result } from './results.ts'

const HEAD = ['case', 'held against', 'floor', 'Sluice', 'reached', 'target', 'met', 'peak']

function cellsOf(result: Result): string[] {
  return [
    result.title,
    result.against,
    `${result.floor_s.toFixed(2)} s`,
    `${result.sluice_s.toFixed(2)} s`,
    result.value,
    result.target,
    result.reached ? 'yes' : 'no',
    `${result.peak_mb} MB`,
  ]
}

export function markdownTable(results: readonly Result[]): string {
  const rows = [HEAD, HEAD.map(() => '---'), ...results.map(cellsOf)]
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** The same for a terminal. */
export function textTable(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cellsOf)]
  const widths = HEAD.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)))
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
