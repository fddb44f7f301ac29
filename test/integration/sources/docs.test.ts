import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { destinationTypes } from '../../support/databases.ts'
import { asOutput, docQueries } from '../../support/doc-queries.ts'
import { shippedText, startShipped } from './shipped.ts'

const pageOf = (name: string) =>
  readFileSync(new URL(`../../../docs/sources/${name}.md`, import.meta.url), 'utf8')

/** The rows of all tables of a page whose first column has this head, without the head. */
function tableRows(page: string, head: string): string[][] {
  const tables = page.split(/\n\n/).filter((block) => block.startsWith('|'))
  return tables
    .map((table) => table.split('\n').map(cellsOf))
    .filter(([first]) => first![0] === head)
    .flatMap(([, , ...rows]) => rows)
}

const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
const code = (cell: string) => cell.replaceAll('`', '')

/** Numbers as numbers: `48.30` of Postgres is `48.3` of SQLite. */
const values = (rows: readonly (readonly string[])[]) =>
  rows.map((row) => row.map((cell) => (/^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell)))

describe.each(['close', 'closeio'] as const)('docs/sources/%s.md', (name) => {
  const page = pageOf(name)
  const queries = docQueries(page)
  const dialects = tableRows(page, 'SQLite').map((cells) => cells.map(code))

  it.each(destinationTypes)('shows what its queries give in %s', async (type) => {
    const keys = { start_date: '2024-01-01' }
    await using shipped = await startShipped(name, { type, keys })
    expect((await shipped.sync()).status).toBe('ok')
    expect(queries).toHaveLength(3)
    let rewritten = 0
    for (const { sql, output } of queries) {
      let text = sql
      if (type === 'postgres') {
        for (const [sqlite, postgres] of dialects) text = text.replaceAll(sqlite!, postgres!)
      }
      if (text !== sql) rewritten++
      const result = asOutput(await shipped.pipeline.read((dataset) => dataset.query(text)))
      expect(values(result)).toEqual(values(output!))
    }
    expect(rewritten).toBe(type === 'postgres' ? dialects.length : 0)
  })
})

describe('docs/sources/close.md', () => {
  const page = pageOf('close')
  const listed = tableRows(page, 'endpoint')
  const { endpoints } = parse(shippedText('close')) as {
    endpoints: { name: string; selected?: boolean; on_status?: object }[]
  }

  it('lists every endpoint once, and says which are selected and which want an admin', () => {
    const shown = listed.map(([name, what, , , selected]) => ({
      name: code(name!),
      selected: selected === 'yes',
      admin: what!.endsWith('ᵃ'),
    }))
    const expected = endpoints.map(({ name, selected = true, on_status: status }) => ({
      name,
      selected,
      admin: Object.hasOwn({ ...status }, 403),
    }))
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
    expect(shown.sort(byName)).toEqual(expected.sort(byName))
    const selected = shown.filter((endpoint) => endpoint.selected)
    expect(page).toContain(`${shown.length} endpoints,\n${selected.length} of which are selected`)
    expect(pageOf('README')).toContain(`${shown.length} endpoints, ${selected.length} of them`)
  })

  it('says how many requests a sync makes that finds nothing new', async () => {
    await using close = await startShipped('close', { type: 'sqlite' })
    await close.sync()
    const { requests } = close.source
    requests.clear()
    const summary = await close.sync()
    const [, all, records] = /together make about (\d+), (\d+) of\nwhich/.exec(page)!
    expect(requests.entries).toHaveLength(Number(all))
    const settings = listed
      .filter(([, , how]) => /^(whole|per)/.test(how!))
      .map(([name]) => code(name!))
    const others = summary.endpoints.filter(({ endpoint }) => !settings.includes(endpoint))
    expect(others.map((endpoint) => endpoint.requests)).toEqual(
      Array.from({ length: Number(records) }, () => 1),
    )
  })

  it('names the calls of those who have left', async () => {
    await using close = await startShipped('close', { type: 'sqlite' })
    await close.sync()
    const [, { sql }] = docQueries(page) as [unknown, { sql: string }]
    const query = () => close.pipeline.rows(sql)
    const before = await query()
    const { user_first_name: name } = close.source.world.removeUser()
    await close.sync()
    expect(
      await close.pipeline.rows('select user_first_name from inactive_memberships'),
    ).toContainEqual([name])
    expect(await query()).toEqual(before)
    expect(before.some(([, who]) => String(who).startsWith(name as string))).toBe(true)
  })
})
