import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  FAULT_KINDS,
  SANDBOX_SOURCES,
  startSandbox,
  type Sandbox,
} from '../../src/sandbox/sandbox.ts'
import { createProject, type Project, type Running } from './project.ts'

const ROOT = new URL('../../', import.meta.url)
const shipped = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')

let sandbox: Sandbox
let project: Project

beforeEach(async () => {
  sandbox = await startSandbox({ sources: SANDBOX_SOURCES, leads: 40 })
  const files = ['pipelines.yaml', ...SANDBOX_SOURCES.map((name) => `config/${name}.yaml`)]
  project = await createProject(
    Object.fromEntries(files.map((file) => [file, shipped(file)])),
    Object.assign({}, ...Object.values(sandbox.sources).map(({ env }) => env)),
  )
})

afterEach(async () => {
  await project[Symbol.asyncDispose]()
  await sandbox.stop()
})

const count = (table: string, dataset: string) =>
  project.query(`select count(*) as n from ${table}`, dataset)[0]!.n as number

/** Rows without the column that says which load wrote them. */
function contents(sql: string, dataset: string): unknown[] {
  return project.query(sql, dataset).map((row) => ({ ...row, _dlt_load_id: undefined }))
}

describe('the shipped sources against the sandbox', () => {
  it('are asked for everything once, then for what changed, and every edit arrives whole', async () => {
    expect((await project.sluice('sync')).code).toBe(0)
    for (const name of ['close', 'closeio'] as const) {
      const { requests, world } = sandbox.sources[name]
      expect(count('leads', name)).toBeGreaterThan(20)
      expect(count('leads__contacts', name)).toBeGreaterThan(20)
      expect(count('leads__contacts__phones', name)).toBeGreaterThan(20)
      const before = requests.total
      expect(world.mutate({ edits: 2, seed: 3 }).edited).toHaveLength(2)

      const { code, run } = await project.sync(name, '-e', 'leads')
      expect(code).toBe(0)
      const [leads] = run.endpoints
      // The two edited ones, and the one at the bookmark's instant, which is read again.
      expect(leads).toMatchObject({ endpoint: 'leads', requests: 1, records: 3 })
      const bound = leads!.bookmark.before!
      expect(leads!.bookmark.after! > bound).toBe(true)
      const [asked, ...more] = requests.entries.slice(before)
      expect(more).toEqual([])
      expect(decodeURIComponent(asked!.rawQuery) + asked!.body).toContain(bound.slice(0, 10))

      const incremental = everything(name)
      expect((await project.sync(name, '-e', 'leads', '--full-refresh')).code).toBe(0)
      expect(everything(name)).toEqual(incremental)
    }
  })
})

/** Leads and all their child rows: what an incremental run keeps and a full one reads must be the same. */
function everything(dataset: string): unknown[][] {
  return [
    contents('select * from leads order by id', dataset),
    contents('select * from leads__contacts order by _dlt_id', dataset),
    contents('select * from leads__contacts__phones order by _dlt_id', dataset),
    contents('select * from leads__addresses order by _dlt_id', dataset),
  ]
}

/** What `sluice sandbox --json` prints. */
interface Announced {
  readonly sources: { readonly close: { readonly origin: string } }
  readonly env: Readonly<Record<string, string>>
  readonly faults: { readonly rate: number; readonly kinds: object } | null
  readonly drift: { readonly every: number } | null
}

async function firstOutput({ child, finished }: Running): Promise<string> {
  const ended = finished.then(({ stderr }) => {
    throw new Error(`it ended before it said anything: ${stderr}`)
  })
  const [output] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer]
  return output.toString()
}

/** Runs `sluice sandbox close` for as long as `use` takes. */
async function withSandbox<T>(
  args: readonly string[],
  use: (announced: Announced) => Promise<T>,
): Promise<T> {
  const running = project.start('sandbox', 'close', '--leads', '15', '--json', ...args)
  try {
    return await use(JSON.parse(await firstOutput(running)) as Announced)
  } finally {
    running.child.kill('SIGINT')
    await running.finished
  }
}

/** Every table of Close's own records, after one sync. */
async function tablesOf(env: Readonly<Record<string, string>>): Promise<Record<string, unknown[]>> {
  await using reader = await createProject(
    {
      'pipelines.yaml': IMPATIENT,
      'config/close.yaml': shipped('config/close.yaml'),
    },
    env,
  )
  expect(await reader.sync('close')).toMatchObject({ code: 0, run: { status: 'ok' } })
  const tables = reader
    .query(
      `select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\'
       and name not like 'sqlite%' order by name`,
      'close',
    )
    .map(({ name }) => name as string)
  return Object.fromEntries(
    tables.map((table) => [
      table,
      reader
        .query(`select * from "${table}" order by _dlt_id`, 'close')
        .map((row) => ({ ...row, _dlt_load_id: undefined })),
    ]),
  )
}

const IMPATIENT = `
destinations:
  local: { type: sqlite, path: 'data/{dataset}.db' }
pipelines:
  close:
    source: config/close.yaml
    start_date: 2010-01-01
    endpoints: [leads, opportunities, lead_statuses, users]
    retry: { base_delay: 10ms }
`

describe('sluice sandbox with troubles', () => {
  it('is read to the same tables, whatever goes wrong', async () => {
    const steady = await withSandbox([], ({ env, faults, drift }) => {
      expect([faults, drift]).toEqual([null, null])
      return tablesOf(env)
    })
    expect(Object.keys(steady).length).toBeGreaterThan(5)
    expect(steady.leads).toHaveLength(15)

    await withSandbox(['--faults', '0.3'], async ({ env, faults, sources }) => {
      expect(faults).toMatchObject({ rate: 0.3 })
      expect(Object.keys(faults!.kinds).sort()).toEqual([...FAULT_KINDS].sort())
      expect(await tablesOf(env)).toEqual(steady)
      const response = await fetch(`${sources.close.origin}/_sandbox/state`)
      const { faults: met } = (await response.json()) as { faults: { counts: object } }
      expect(Object.keys(met.counts).length).toBeGreaterThan(3)
    })
  })

  it('says what is on', async () => {
    const running = project.start('sandbox', 'close', '--faults', 'cut,0.25', '--drift')
    const text = await firstOutput(running)
    running.child.kill('SIGINT')
    expect((await running.finished).code).toBe(0)
    expect(text).toContain('\nfaults: 25 % of requests, cut\n')
    expect(text).toContain('\ndrift: a change each time 3 pages of lists were read\n')
  })

  it.each([
    ['--faults=1.5', '"1.5" is neither a kind of fault nor the one rate from 0 to 1'],
    ['--faults=0.1,0.2', '"0.2" is neither a kind of fault nor the one rate from 0 to 1'],
    ['--faults=0.1,truncate', 'did you mean "truncated"?'],
    ['--faults=', '"" is neither a kind of fault nor the one rate from 0 to 1'],
    ['--drift=0', 'expected a whole number of at least 1'],
    ['--drift=often', 'expected a whole number of at least 1'],
  ])('refuses %s', async (option, message) => {
    const { code, stdout, stderr } = await project.run('sandbox', 'close', option)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr.match(/^error /gm)).toHaveLength(1)
    expect(stderr).toContain(message)
  })

  it('names every kind of fault in its help', async () => {
    const { code, stdout } = await project.run('sandbox', '--help')
    expect(code).toBe(0)
    expect(stdout.replaceAll(/\s+/g, '')).toContain(FAULT_KINDS.join(','))
  })
})
