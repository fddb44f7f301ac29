import { describe, expect, it } from 'vitest'
import { renderTable } from '../../../src/cli/output.ts'
import { textWidth } from '../../../src/cli/text-width.ts'

describe('renderTable', () => {
  it('aligns numbers to the right and text to the left, whatever its width', () => {
    const table = {
      columns: ['name', 'rows', 'id'],
      rows: [
        ['価格', 5, 9007199254740993n],
        ['Øre', 12_000, null],
      ],
    }
    expect(renderTable(table, Infinity)).toBe(
      ['name   rows                id', '価格      5  9007199254740993', 'Øre   12000'].join('\n'),
    )
  })

  it('keeps a column of mixed values to the left', () => {
    const table = { columns: ['v'], rows: [[1], ['text']] }
    expect(renderTable(table, Infinity)).toBe('v\n1\ntext')
  })

  it('cuts the widest columns to the terminal', () => {
    const table = { columns: ['id', 'text'], rows: [['a', 'x'.repeat(100)]] }
    const lines = renderTable(table, 30).split('\n')
    expect(lines[1]).toBe(`a   ${'x'.repeat(25)}…`)
    expect(lines.map(textWidth)).toEqual([8, 30])
  })

  it('cuts the column that is to give way before the others', () => {
    const table = { columns: ['a', 'b'], rows: [['x'.repeat(20), 'y'.repeat(20)]], cutFirst: 'a' }
    expect(renderTable(table, 32).split('\n')[1]).toBe(`${'x'.repeat(9)}…  ${'y'.repeat(20)}`)
    expect(renderTable(table, 26).split('\n')[1]).toBe(`${'x'.repeat(7)}…  ${'y'.repeat(15)}…`)
  })

  it('leaves out and names the columns that have no room', () => {
    const columns = Array.from({ length: 12 }, (_, at) => `column_${at}`)
    const text = renderTable({ columns, rows: [columns] }, 40)
    const lines = text.split('\n')
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(40)
    expect(lines.at(-1)).toMatch(/^\(8 more: column_4, /)
  })

  it('keeps a record that brings newlines and escapes on its line', () => {
    const text = renderTable({ columns: ['note'], rows: [['a\nb\u001b[2J']] }, Infinity)
    expect(text).toBe('note\na b [2J')
  })
})
