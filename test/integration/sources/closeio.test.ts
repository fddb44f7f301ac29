import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Clock } from '../../../src/core/clock.ts'
import type { CloseioOptions } from '../../../src/sandbox/closeio/closeio.ts'
import { DATA_ENDS_AT } from '../../../src/sandbox/data/world.ts'
import type { SandboxOptions, SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { readingTypes, type DestinationType } from '../../support/databases.ts'
import type { TestPipeline } from '../../support/pipeline.ts'
import { shippedText, startShipped } from './shipped.ts'

type World = SandboxSource<'closeio'>['world']
type Source = Record<string, unknown> & { readonly endpoints: readonly { name: string }[] }

const [document, comment] = shippedText('closeio').split(/^# ── .*\n/m)
const PUBLISHED = parse(document!) as Source
/** The commented lines behind the first empty one, in place of the keys of the same names. */
const VARIANT: Source = { ...PUBLISHED, ...parse(uncommented(comment!)) }
const BASIC = { auth: { type: 'http_basic', username: '${CLOSEIO_API_KEY}' } }

function uncommented(text: string): string {
  const lines = text.trimEnd().split('\n')
  return lines
    .slice(lines.indexOf('#') + 1)
    .map((line) => line.replace(/^# ?/, ''))
    .join('\n')
}

interface Setting {
  readonly type?: DestinationType
  readonly file?: object
  readonly closeio?: CloseioOptions
  readonly sandbox?: Partial<SandboxOptions>
  readonly keys?: object
}

const start = ({ type = 'sqlite', file = VARIANT, closeio, sandbox, keys }: Setting) =>
  startShipped('closeio', {
    type,
    file,
    sandbox: { leads: 130, seed: 4, ...sandbox, closeio: { mode: 'truth', ...closeio } },
    ...(keys && { keys }),
  })

/** What each table should hold: of every record its id, and what tells one state of it from another. */
function expectedRows(world: World): Record<string, unknown[][]> {
  const utc = (text: unknown) => (text as string).replace('+00:00', 'Z')
  const named = (list: readonly { readonly id: string; readonly record: object }[], name: string) =>
    list.map(({ id, record }) => {
      const { [name]: value, date_updated: updated } = record as Record<string, unknown>
      return [id, value, utc(updated)]
    })
  const fields = world.listOf('custom_field/lead')
  const users = world.listOf('user')
  return sortedRows({
    custom_fields: fields.map(({ id, name, date_updated: updated }) => [id, name, utc(updated)]),
    leads: named(world.leads.list('id'), 'name'),
    activities: named(world.activities.list('id'), '_type'),
    tasks: named(world.tasks.list('id'), 'is_complete'),
    users: users.map(({ id, email, date_updated: updated }) => [id, email, utc(updated)]),
    event_log: world.events
      .list()
      .map(({ record: { id, action, date_updated: updated } }) => [
        id,
        action,
        `${updated as string}Z`,
      ]),
  })
}

const TELLING: Readonly<Record<string, string>> = {
  custom_fields: 'name',
  leads: 'name',
  activities: '_type',
  tasks: 'is_complete',
  users: 'email',
  event_log: 'action',
}

async function loadedRows(pipeline: TestPipeline): Promise<Record<string, unknown[][]>> {
  const dump = await pipeline.dump()
  return sortedRows(
    Object.fromEntries(
      Object.entries(TELLING).map(([table, column]) => [
        table,
        dump[table]!.map((row) => [row.id, row[column], row.date_updated]),
      ]),
    ),
  )
}

function sortedRows(tables: Record<string, unknown[][]>): Record<string, unknown[][]> {
  const byId = ([a]: unknown[], [b]: unknown[]) => (String(a) < String(b) ? -1 : 1)
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [table, rows.toSorted(byId)]),
  )
}

/** The requests of a path since the log was emptied. */
const askedFor = ({ requests }: SandboxSource<'closeio'>, path: string) =>
  requests.entries.filter((request) => request.path === `/api/v1/${path}`)

describe.each(readingTypes)('what the old host really wanted, in %s', (type) => {
  it.each(['truth', 'seed'] as const)('reads everything, twice, in mode %s', async (mode) => {
    await using closeio = await start({ type, closeio: { mode } })
    const { pipeline, source } = closeio
    const { world } = source
    for (const _ of ['first', 'again']) {
      expect(await closeio.sync()).toMatchObject({ status: 'ok', warnings: [] })
      expect(await loadedRows(pipeline)).toEqual(expectedRows(world))
    }

    world.mutate({ edits: 9, adds: 3, activities: 5, contactEdits: 2, tasksCompleted: 4, seed: 1 })
    expect(await closeio.sync()).toMatchObject({ status: 'ok', warnings: [] })
    expect(await loadedRows(pipeline)).toEqual(expectedRows(world))
  })
})

describe('what the old host really wanted', () => {
  it('asks for leads since the minute of the bookmark, and for no more than it has to', async () => {
    await using closeio = await start({})
    const { source } = closeio
    await closeio.sync()
    const updated = source.world.leads.list('-date_updated')[0]!.record.date_updated as string
    source.requests.clear()
    await closeio.sync()
    const [request, ...others] = askedFor(source, 'lead/')
    expect(request!.query.query).toBe(`date_updated>="${updated.slice(0, 16)}" sort:date_updated`)
    expect(others).toEqual([])
    expect(askedFor(source, 'activity/')).toHaveLength(1)
    expect(askedFor(source, 'event/')).toHaveLength(1)
  })

  it('leaves out what is older than start_date', async () => {
    await using closeio = await start({ keys: { start_date: '2025-01-01' } })
    const { pipeline, source } = closeio
    expect(await closeio.sync()).toMatchObject({ status: 'ok', warnings: [] })
    const { leads, activities, ...others } = expectedRows(source.world)
    const since = ([, , updated]: unknown[]) => (updated as string) >= '2025-01-01'
    const created = source.world.activities
      .list('id')
      .filter(({ record }) => (record.date_created as string) >= '2025-01-01')
    const loaded = await loadedRows(pipeline)
    expect(loaded.leads).toEqual(leads!.filter(since))
    expect(loaded.activities!.map(([id]) => id)).toEqual(created.map(({ id }) => id).toSorted())
    expect(loaded.activities!.length).toBeLessThan(activities!.length)
    expect(loaded).toMatchObject(others)
  })

  it('goes on where _skip is too deep', async () => {
    const keys = { defaults: { pagination: { limit: 10 } } }
    await using closeio = await start({ closeio: { maxSkip: 40 }, keys })
    const { pipeline, source } = closeio
    // Nothing but a date narrows the list of tasks; it has more than can be skipped.
    const { endpoints } = await closeio.sync()
    const failed = endpoints.filter(({ status }) => status !== 'ok')
    expect(failed.map(({ endpoint, error }) => [endpoint, error?.code])).toEqual([
      ['tasks', 'PAGINATION_CAPPED'],
    ])
    const { tasks: _, ...loaded } = await loadedRows(pipeline)
    expect(expectedRows(source.world)).toMatchObject(loaded)
    expect(askedFor(source, 'lead/').some(({ status }) => status === 400)).toBe(true)
  })

  it('loses nothing while the data changes', async () => {
    await using closeio = await start({
      // A lead that is added brings a history of before the lookback, of which no list that was read already tells.
      sandbox: { drift: { every: 1, kinds: ['edits', 'activities'] } },
      keys: { defaults: { pagination: { limit: 10 } } },
    })
    const { pipeline, source } = closeio
    // What is added is dated by the sandbox's clock: windows must not end after it.
    const clock: Clock = { now: () => DATA_ENDS_AT, sleep: () => Promise.resolve() }
    await closeio.sync({ clock })
    source.drift.set(false)
    expect((await closeio.sync({ clock })).status).toBe('ok')
    expect(await loadedRows(pipeline)).toEqual(expectedRows(source.world))
  })
})

describe('the published document', () => {
  it('is refused by the service for its bearer token', async () => {
    await using closeio = await start({ file: PUBLISHED })
    const { status, endpoints } = await closeio.sync()
    expect(status).toBe('failed')
    expect(endpoints[0]!.error).toMatchObject({ code: 'HTTP_UNAUTHORIZED' })
  })

  it('with the right auth reads all leads each time, and no tasks but those made by hand', async () => {
    await using closeio = await start({ file: PUBLISHED, keys: BASIC })
    const { pipeline, source } = closeio
    await closeio.sync()
    const { warnings, endpoints } = await closeio.sync()
    expect(warnings.map(({ endpoint, code }) => [endpoint, code])).toEqual([
      ['leads', 'FILTER_IGNORED'],
    ])
    expect(endpoints.find(({ endpoint }) => endpoint === 'leads')).toMatchObject({ records: 130 })
    const loaded = await loadedRows(pipeline)
    const { tasks, ...expected } = expectedRows(source.world)
    expect(loaded).toMatchObject(expected)
    expect(loaded.tasks!.length).toBeLessThan(tasks!.length)
    const byHand = source.world.tasks.list('id').filter(({ record }) => record._type === 'lead')
    expect(loaded.tasks!.map(([id]) => id)).toEqual(byHand.map(({ id }) => id).toSorted())
  })

  it('names user_posts, which no user has', async () => {
    await using closeio = await start({ file: PUBLISHED, keys: BASIC })
    const { source } = closeio
    expect(await closeio.sync({ endpoints: ['user_posts'] })).toMatchObject({ status: 'ok' })
    const asked = source.requests.entries.filter(({ path }) => path.endsWith('/posts/'))
    expect(asked.map(({ status }) => status)).toEqual(source.world.listOf('user').map(() => 404))
  })
})
