import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { createProject, type Project } from './project.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

interface Example {
  readonly sql: string
  /** The fenced output that follows, if any. */
  readonly output: string | undefined
}

function examples(markdown: string): Example[] {
  const blocks = [...markdown.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, text]) => ({
    language,
    text: text!,
  }))
  return blocks.flatMap(({ language, text }, i) => {
    if (language !== 'sql') return []
    const next = blocks[i + 1]
    return [{ sql: text, output: next?.language === '' ? next.text : undefined }]
  })
}

const PIPELINES = `
destinations: { local: { type: sqlite, path: 'data/{dataset}.db' } }
pipelines: { close: { source: config/close.yaml, start_date: 2024-01-01 } }
`

let project: Project
let stop: () => Promise<void>
beforeAll(async () => {
  const sandbox = await startSandbox({ sources: ['close'] })
  stop = () => sandbox.stop()
  project = await createProject(
    {
      'pipelines.yaml': PIPELINES,
      'config/close.yaml': read('config/close.yaml'),
    },
    { CLOSE_API_KEY: 'sandbox_key', CLOSE_BASE_URL: sandbox.sources.close.url },
  )
  await project.sync('close')
})
afterAll(async () => {
  await project[Symbol.asyncDispose]()
  await stop()
})

describe('README', () => {
  it.each(examples(read('README.md')))('prints what this gives: $sql', ({ sql, output }) => {
    const rows = project.query(sql, 'close')
    const table = [Object.keys(rows[0]!), ...rows.map(Object.values)]
    const printed = output!
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/))
    expect(table.map((cells) => cells.map(String))).toEqual(printed)
  })

  it('has the configuration that it shows', async () => {
    const [pipelines, source] = [...read('README.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      ([, text]) => text!,
    )
    await using shown = await createProject(
      { 'pipelines.yaml': pipelines!, 'config/close.yaml': read('config/close.yaml') },
      { CLOSE_API_KEY: 'k' },
    )
    expect((await shown.sluice('check', '--offline')).code).toBe(0)
    await using own = await createProject(
      {
        'pipelines.yaml':
          'destinations: { d: { type: sqlite } }\npipelines: { p: { source: s.yaml } }\n',
        's.yaml': source!,
      },
      { EXAMPLE_TOKEN: 't' },
    )
    expect((await own.sluice('check', '--offline')).code).toBe(0)
  })
})

describe('docs/warehouse.md', () => {
  it.each(examples(read('docs/warehouse.md')))('has a query that runs: $sql', ({ sql }) => {
    for (const statement of sql.split(';').filter((part) => part.trim() !== '')) {
      expect(() => project.query(statement, 'close')).not.toThrow()
    }
  })
})
