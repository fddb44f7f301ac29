import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { ask, post } from './client.ts'

let sandbox: Sandbox<'close'>
let close: SandboxSource<'close'>

beforeAll(async () => {
  sandbox = await startSandbox({ sources: ['close'], leads: 80, seed: 16 })
  close = sandbox.sources.close
})

afterAll(() => sandbox.stop())

type Numbers = Record<string, number>

const report = async (path: string, query = '') =>
  (await ask(close, `report/${path}/${close.world.org.id}/${query}`)).body

const JUNE = { start: '2025-06-01T00:00:00Z', end: '2025-06-08T00:00:00Z' }
const METRICS = ['calls.all.all.count', 'calls.all.all.sum_duration', 'leads.created.all.count']

describe('activity report', () => {
  it('counts by day what the lists hold', async () => {
    const body = { type: 'overview', datetime_range: JUNE, metrics: METRICS }
    const { data, aggregations } = (await post(close, 'report/activity/', body)).body
    expect(data.map((row) => row.datetime)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((day) => `2025-06-0${day}T00:00:00+00:00`),
    )
    const within = ({ created }: { created: number }) =>
      created >= Date.parse(JUNE.start) && created < Date.parse(JUNE.end)
    const calls = close.world.activities
      .list('id')
      .filter((entry) => within(entry) && entry.record._type === 'Call')
    const { totals } = aggregations as { totals: Numbers }
    expect(calls.length).toBeGreaterThan(0)
    expect(totals).toEqual({
      'calls.all.all.count': calls.length,
      'calls.all.all.sum_duration': calls.reduce(
        (sum, { record }) => sum + (record.duration as number),
        0,
      ),
      'leads.created.all.count': close.world.leads.list('id').filter(within).length,
    })
    const byDay = data.map((row) => row['calls.all.all.count'] as number)
    expect(byDay.reduce((sum, count) => sum + count, 0)).toBe(calls.length)
  })

  it('compares users', async () => {
    const [user] = close.world.org.users
    const body = { type: 'comparison', relative_range: 'all-time', metrics: METRICS }
    const everybody = (await post(close, 'report/activity/', body)).body.data
    expect(everybody).toHaveLength(close.world.org.users.length)
    const one = (await post(close, 'report/activity/', { ...body, users: [user!.id] })).body.data
    expect(one).toEqual([everybody.find((row) => row.user_id === user!.id)])
  })

  it.each([
    ['no metrics', { type: 'overview', datetime_range: JUNE }],
    ['an unknown metric', { type: 'overview', datetime_range: JUNE, metrics: ['x'] }],
    ['no range', { type: 'overview', metrics: METRICS }],
    ['an unknown type', { type: 'other', datetime_range: JUNE, metrics: METRICS }],
  ])('refuses %s', async (_, body) => {
    expect((await post(close, 'report/activity/', body)).status).toBe(400)
  })

  it('lists the metrics that it knows', async () => {
    const { metrics } = (await ask(close, 'report/activity/metrics/')).body
    const keys = (metrics as { key: string }[]).map(({ key }) => key)
    expect(keys).toEqual(expect.arrayContaining(METRICS))
  })
})

describe('other reports', () => {
  it.each([
    ['lead', 'leads'],
    ['opportunity', 'opportunities'],
  ] as const)('statuses/%s: every object ends in a status', async (kind, collection) => {
    const { world } = close
    const { status_overview: overview, ...rest } = await report(`statuses/${kind}`)
    const ended = (overview as Numbers[]).reduce((sum, status) => sum + status.ended!, 0)
    expect(ended).toBe(world[collection].size)
    expect(overview as object[]).not.toContainEqual(
      expect.objectContaining({ started: expect.anything() }),
    )
    expect((rest.status_transitions as object[]).length).toBeGreaterThan(0)
  })

  it('statuses of a period balance: what was there and came, less what left, is there', async () => {
    const range = '?date_start=2025-06-01&date_end=2025-06-20'
    const { status_overview: overview } = await report('statuses/lead', range)
    for (const status of overview as Numbers[]) {
      expect(status.ended).toBe(status.started! + status.gained! - status.lost!)
      expect(status.change).toBe(status.ended! - status.started!)
    }
  })

  it('sent_emails counts by template', async () => {
    const { data } = await report('sent_emails')
    const sent = close.world
      .listOf('activity/email')
      .filter(({ status }) => status === 'sent').length
    expect(data.reduce((sum, row) => sum + (row.total as number), 0)).toBe(sent)
  })

  it('custom draws a series over time', async () => {
    const body = await report('custom', '?x=opportunity.date_created&y=opportunity.count')
    expect(body.total).toBe(close.world.opportunities.size)
    const { org } = close.world
    expect((await ask(close, `report/custom/${org.id}/?x=planet.mass`)).status).toBe(400)
    expect((await ask(close, 'report/custom/orga_none/')).status).toBe(404)
  })
})
