import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { type DestinationType, destinationTypes } from '../../support/databases.ts'
import { serve } from '../../support/http-server.ts'
import { createPipeline, type TestPipeline } from '../../support/pipeline.ts'

/** What the API has; a test changes it between syncs. */
interface World {
  leads: JsonRecord[]
  fields: JsonRecord[]
  shared: JsonRecord[]
}

const api = (world: World) =>
  serve({
    '/leads': () => ({ data: world.leads }),
    '/fields': () => ({ data: world.fields }),
    '/shared': () => ({ data: world.shared }),
  })

const endpoint = (name: string, more: object = {}) => ({
  name,
  path: `/${name}`,
  data_selector: 'data',
  primary_key: 'id',
  pagination: { type: 'single' },
  ...more,
})

const OWN = { from: 'fields', field: 'custom.{key}' }
const SHARED = { from: 'shared', field: 'custom.{key}' }

const source = (url: string, leads: object = { labels: OWN }) => ({
  base_url: url,
  auth: { type: 'none' },
  endpoints: [
    endpoint('leads', leads),
    endpoint('fields', { write_disposition: 'replace' }),
    endpoint('shared'),
  ],
})

const world = (more: Partial<World> = {}): World => ({
  leads: [{ id: 1, name: 'A', 'custom.cf_1': 'gold', 'custom.cf_2': ['x', 'y'] }],
  fields: [
    { id: 'cf_1', name: 'Tier' },
    { id: 'cf_2', name: 'Tags / v2.0' },
  ],
  shared: [],
  ...more,
})

/** The names of the view's columns, without those that tie rows together. */
async function namesOf(pipeline: TestPipeline, view = 'leads_labeled'): Promise<string[]> {
  const { columns } = await pipeline.read((dataset) => dataset.query(`select * from ${view}`))
  return columns.filter((name) => !name.startsWith('_'))
}

describe.each(destinationTypes)('labels in %s', (type) => {
  it('name the columns of a view beside the table, and rename them when they are renamed', async () => {
    const now = world()
    await using server = await api(now)
    await using pipeline = createPipeline(type, source(server.url))
    const first = await pipeline.sync()
    expect([first.status, first.warnings]).toEqual(['ok', []])
    expect(await namesOf(pipeline)).toEqual(['id', 'name', 'tier', 'tags_v2_0'])
    expect(await pipeline.rows('select tier from leads_labeled')).toEqual([['gold']])
    now.fields[0]!.name = 'Rank'
    await pipeline.sync({ endpoints: ['fields'] })
    expect(await namesOf(pipeline)).toEqual(['id', 'name', 'rank', 'tags_v2_0'])
    expect(await namesOf(pipeline, 'leads')).toEqual(['id', 'name', 'custom_cf_1'])
  })

  it('are those of every place that has some; one that was read and is empty is not missed', async () => {
    const now = world()
    now.leads[0]!['custom.cf_3'] = 3
    await using server = await api(now)
    await using pipeline = createPipeline(type, source(server.url, { labels: [OWN, SHARED] }))
    expect((await pipeline.sync()).warnings).toEqual([])
    expect((await pipeline.sync({ endpoints: ['leads'] })).warnings).toEqual([])
    expect(await namesOf(pipeline)).toEqual(['id', 'name', 'tier', 'custom_cf_3', 'tags_v2_0'])
    now.shared = [{ id: 'cf_3', name: 'Seats' }]
    await pipeline.sync()
    expect(await namesOf(pipeline)).toEqual(['id', 'name', 'tier', 'seats', 'tags_v2_0'])
  })

  it('that were never read make no view, and one warning', async () => {
    await using server = await api(world())
    await using pipeline = createPipeline(type, source(server.url))
    const { status, warnings } = await pipeline.sync({ endpoints: ['leads'] })
    expect([status, warnings]).toEqual([
      'ok',
      [
        {
          endpoint: 'leads',
          code: 'LABELS_UNSEEN',
          message: 'labels are not shown: fields is not in the dataset; sync that endpoint too',
        },
      ],
    ])
    await expect(namesOf(pipeline)).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('follow fields that change their type, go, and come', async () => {
    const now = world()
    now.leads = [{ id: 1, 'custom.cf_1': 1, 'custom.cf_2': [1] }]
    await using server = await api(now)
    await using pipeline = createPipeline(
      type,
      source(server.url, { labels: OWN, deletes: 'soft' }),
    )
    await pipeline.sync()
    now.leads = [
      { id: 1, 'custom.cf_1': 1.5, 'custom.cf_2': 'one' },
      { id: 2, 'custom.cf_1': 'big', 'custom.cf_2': ['a', 2] },
    ]
    await pipeline.sync()
    expect(await namesOf(pipeline)).toEqual([
      'id',
      'tier',
      'tags_v2_0',
      'tier__v_text',
      'tags_v2_0_list',
    ])
    now.leads = [{ id: 1 }]
    now.fields = [{ id: 'cf_1', name: 'Tier' }]
    await pipeline.sync({ allowDeletes: true })
    expect(await namesOf(pipeline)).toEqual(['id', 'tier', 'custom_cf_2', 'tier__v_text'])
    expect(
      await pipeline.rows('select id from leads_labeled where _sluice_deleted_at is not null'),
    ).toEqual([[2]])
  })

  it('stay through a full refresh and a replaced table', async () => {
    const now = world()
    await using server = await api(now)
    for (const disposition of ['merge', 'append', 'replace']) {
      const leads = { labels: OWN, write_disposition: disposition }
      await using pipeline = createPipeline(type, source(server.url, leads))
      await pipeline.sync()
      now.leads = [{ id: 2, name: 'B', 'custom.cf_1': disposition, 'custom.cf_2': [] }]
      await pipeline.sync({ fullRefresh: true })
      expect(await pipeline.rows('select tier from leads_labeled where id = 2')).toEqual([
        [disposition],
      ])
      now.leads = world().leads
    }
  })

  it('come to a dataset that was made without, and go with their key', async () => {
    await using server = await api(world())
    await using pipeline = createPipeline(type, source(server.url, {}))
    await pipeline.sync()
    await expect(namesOf(pipeline)).rejects.toMatchObject({ code: 'USAGE' })
    pipeline.configure(source(server.url))
    await pipeline.sync({ endpoints: ['shared'] })
    expect(await namesOf(pipeline)).toContain('tier')
    pipeline.configure(source(server.url, {}))
    await pipeline.sync({ endpoints: ['shared'] })
    await expect(namesOf(pipeline)).rejects.toMatchObject({ code: 'USAGE' })
  })

  it("leave a user's own view alone and say so, in every run until it is gone", async () => {
    await using server = await api(world())
    await using pipeline = createPipeline(type, source(server.url, {}))
    await pipeline.sync()
    await pipeline.execute('create view leads_labeled as select id as mine from leads')
    pipeline.configure(source(server.url))
    for (let i = 0; i < 2; i++) {
      const { status, warnings } = await pipeline.sync()
      expect([status, warnings.map(({ code }) => code)]).toEqual(['ok', ['LABELS_UNSEEN']])
    }
    expect(await namesOf(pipeline)).toEqual(['mine'])
    await pipeline.execute('drop view leads_labeled')
    expect((await pipeline.sync()).warnings).toEqual([])
    expect(await namesOf(pipeline)).toContain('tier')
  })

  it('change nothing in a dry run', async () => {
    await using server = await api(world())
    await using pipeline = createPipeline(type, source(server.url, {}))
    await pipeline.sync()
    pipeline.configure(source(server.url))
    expect((await pipeline.sync({ dryRun: true })).warnings).toEqual([])
    await expect(namesOf(pipeline)).rejects.toMatchObject({ code: 'USAGE' })
  })
})

it('in postgres fail no endpoint while a function needs the view as it is', async () => {
  const now = world()
  await using server = await api(now)
  await using pipeline = createPipeline('postgres', source(server.url))
  await pipeline.sync()
  await pipeline.execute(
    'create function total() returns bigint begin atomic select count(tier) from leads_labeled; end',
  )
  now.fields[0]!.name = 'Rank'
  now.leads[0]!['custom.cf_9'] = 9
  const { status, warnings } = await pipeline.sync()
  expect([status, warnings]).toEqual([
    'ok',
    [
      {
        endpoint: 'leads',
        code: 'LABELS_UNSEEN',
        message:
          'labels are not shown: leads_labeled is out of date, and can not be made again while function total() needs it as it is: drop or alter that, sync, and bring it back',
      },
    ],
  ])
  expect(await namesOf(pipeline)).toContain('tier')
  await pipeline.execute('drop function total()')
  expect((await pipeline.sync()).warnings).toEqual([])
  expect(await namesOf(pipeline)).toContain('rank')
})

it('are the same in every destination', async () => {
  const now = world({
    leads: [
      { id: 1, name: 'A', 'custom.cf_1': 'x', 'custom.cf_2': 1, 'custom.cf_3': [true, false] },
      {
        id: 2,
        name: 'B',
        'custom.cf_2': 'two',
        'custom.cf_4': ['2024-01-31T01:02:03+01:00', null],
      },
      { id: 3, name: null, 'custom.cf_5': '🎉', 'custom.cf_6': [], 'custom.cf_7': [1.5, 'a'] },
      { id: 4, 'custom.cf_6': [{ a: 1 }], 'custom.cf_8': { zip: '1' }, 'custom.cf_9': 0 },
    ],
    fields: [
      { id: 'cf_1', name: 'Name' },
      { id: 'cf_2', name: 'Größe (m²)' },
      { id: 'cf_3', name: 'Owner / Team' },
      { id: 'cf_4', name: 'owner.team' },
      { id: 'cf_5', name: '🎉' },
      { id: 'cf_6', name: 'Rows' },
      { id: 'cf_7', name: null },
      { id: 'cf_8', name: 'Home address' },
      { id: 'cf_9', name: '' },
    ],
  })
  await using server = await api(now)
  const read = async (type: DestinationType) => {
    await using pipeline = createPipeline(type, source(server.url))
    await pipeline.sync()
    const { columns, rows } = await pipeline.read((dataset) =>
      dataset.query('select * from leads_labeled order by id'),
    )
    const lists = columns.map((name) => name.startsWith('owner_team'))
    return {
      columns,
      rows: rows.map((row) =>
        row.map((cell, i) => (lists[i] && cell !== null ? JSON.parse(cell as string) : cell)),
      ),
    }
  }
  const [first, ...others] = await Promise.all(destinationTypes.map(read))
  const load = first!.columns.indexOf('_dlt_load_id')
  const without = ({ columns, rows }: typeof first & object) => ({
    columns,
    rows: rows.map((row) => row.toSpliced(load, 1)),
  })
  for (const other of others) expect(without(other)).toEqual(without(first!))
  expect(first!.columns.filter((name) => !name.startsWith('_'))).toEqual([
    'id',
    'name',
    'custom_name',
    'gr_e_mx',
    'gr_e_mx__v_text',
    'custom_cf_5',
    'home_address__zip',
    'custom_cf_9',
    'owner_team',
    expect.stringMatching(/^owner_team_\w{6}$/),
  ])
})
