import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, readAll } from './client.ts'

let sandbox: Sandbox<'close'>
let close: SandboxSource<'close'>

beforeAll(async () => {
  sandbox = await startSandbox({ sources: ['close'], leads: 60, seed: 2 })
  close = sandbox.sources.close
})

afterAll(() => sandbox.stop())

const sorted = (ids: readonly string[]) => ids.toSorted()
const all = (kind: 'leads' | 'contacts' | 'opportunities' | 'tasks' | 'activities') =>
  close.world[kind].list('id')

describe('lists', () => {
  it.each([
    ['lead/', 'leads', {}],
    ['contact/', 'contacts', {}],
    ['opportunity/', 'opportunities', {}],
    ['task/', 'tasks', { _type: 'all' }],
    ['activity/', 'activities', {}],
  ] as const)('%s: pages by _limit and _skip hold everything once', async (path, kind, params) => {
    const rows = await readAll(close, path, params)
    expect(sorted(idsOf(rows))).toEqual(all(kind).map(({ id }) => id))
  })

  it.each([
    ['lead/', true],
    ['opportunity/', true],
    ['task/', true],
    ['contact/', false],
    ['activity/', false],
    ['user/', false],
    ['pipeline/', false],
    ['status/lead/', false],
    ['custom_field/lead/', false],
  ])('%s: total_results is there: %s', async (path, told) => {
    const { body } = await ask(close, path)
    expect('total_results' in body).toBe(told)
    expect(body).toHaveProperty('has_more')
  })

  it('come in their own default orders', async () => {
    const times = async (path: string, field: string) =>
      (await readAll(close, path, {}, 50)).map((row) => row[field] as string)
    for (const [path, field] of [
      ['lead/', 'date_updated'],
      ['contact/', 'date_created'],
      ['activity/', 'date_created'],
    ] as const) {
      const found = await times(path, field)
      expect(found).toEqual(found.toSorted().toReversed())
    }
  })

  it('ignore parameters they do not know, dates of leads and contacts among them', async () => {
    const plain = await ask(close, 'lead/?_limit=5')
    const params = '_sort=name&limit=1&skip=3&date_updated__gt=2030-01-01'
    expect((await ask(close, `lead/?_limit=5&${params}`)).text).toBe(plain.text)
    const literal = await ask(close, 'lead/?_limit=5&date_updated%3E%3D=2030-01-01')
    expect(literal.text).toBe(plain.text)
  })

  it('give the fields asked for; `custom` stands for all custom fields', async () => {
    const { body } = await ask(close, 'lead/?_fields=id,date_updated,custom,nothing&_limit=60')
    for (const row of body.data) {
      const own = Object.keys(row).filter((key) => !key.startsWith('custom.'))
      expect(own.toSorted()).toEqual(['custom', 'date_updated', 'id'])
    }
    expect(
      body.data.some((row) => Object.keys(row).some((key) => key.startsWith('custom.cf_'))),
    ).toBe(true)
    // The text kept for one choice of fields is not served for another.
    expect((await ask(close, 'lead/?_fields=id&_limit=1')).body.data[0]).toEqual({
      id: body.data[0]!.id,
    })
  })

  it('embed contacts, opportunities and tasks in leads', async () => {
    const rows = await readAll(close, 'lead/', {}, 60)
    const embedded = (list: string) => rows.flatMap((row) => row[list] as { id: string }[])
    expect(sorted(idsOf(embedded('contacts')))).toEqual(all('contacts').map(({ id }) => id))
    expect(embedded('opportunities')).toHaveLength(all('opportunities').length)
    expect(embedded('tasks')).toHaveLength(all('tasks').length)
  })
})

describe('limits', () => {
  it.each([
    ['lead/', 200],
    ['contact/', 200],
    ['opportunity/', 250],
    ['task/', 1000],
    ['activity/', 100],
    ['user/', 1000],
  ])('%s takes a _limit of %i and refuses more', async (path, max) => {
    expect((await ask(close, `${path}?_limit=${max}`)).status).toBe(200)
    const refused = await ask(close, `${path}?_limit=${max + 1}`)
    expect(refused.status).toBe(400)
    expect(refused.body).toEqual({
      errors: [],
      'field-errors': { _limit: `Value must be less than or equal to ${max}.` },
    })
  })

  it.each(['_limit=0', '_limit=-1', '_limit=ten', '_limit=', '_skip=-1', '_skip=1.5'])(
    'refuse %s',
    async (param) => {
      expect((await ask(close, `lead/?${param}`)).status).toBe(400)
    },
  )

  it('refuse a _skip that is too deep, in either of two ways', async () => {
    const options = { sources: ['close', 'closeio'], leads: 20 } as const
    const capped = await startSandbox({
      ...options,
      close: { maxSkip: 10 },
      closeio: { maxSkip: 10 },
    })
    try {
      const { close, closeio } = capped.sources
      expect((await ask(close, 'lead/?_skip=10')).status).toBe(200)
      expect((await ask(close, 'lead/?_skip=11')).body).toEqual({
        errors: [],
        'field-errors': { _skip: 'Value must be less than or equal to 10.' },
      })
      const old = await ask(closeio, 'lead/?_skip=11')
      expect(old.status).toBe(400)
      expect(old.body).toEqual({
        error:
          'The skip you set is larger than the maximum skip for this resource (max_skip = 10). Please refine your search query.',
      })
    } finally {
      await capped.stop()
    }
  })
})

describe('filters', () => {
  it.each(['date_created', 'date_updated'])(
    'half-open ranges of opportunities by %s make up the whole',
    async (field) => {
      const rows = await readAll(close, 'opportunity/', {}, 250)
      const middle = rows.map((row) => row[field] as string).toSorted()[rows.length >> 1]!
      const before = await readAll(close, 'opportunity/', { [`${field}__lt`]: middle })
      const after = await readAll(close, 'opportunity/', { [`${field}__gte`]: middle })
      const later = await readAll(close, 'opportunity/', { [`${field}__gt`]: middle })
      expect(sorted(idsOf([...before, ...after]))).toEqual(sorted(idsOf(rows)))
      expect(after.length).toBeGreaterThan(later.length)
      expect(after.every((row) => (row[field] as string) >= middle)).toBe(true)
    },
  )

  it('order opportunities by the fields that allow it', async () => {
    const rows = await readAll(close, 'opportunity/', { _order_by: 'date_updated' })
    const times = rows.map((row) => row.date_updated as string)
    expect(times).toEqual(times.toSorted())
    const values = (await readAll(close, 'opportunity/', { _order_by: '-value' })).map(
      ({ value }) => value as number,
    )
    expect(values).toEqual(values.toSorted((a, b) => b - a))
    expect((await ask(close, 'opportunity/?_order_by=note')).status).toBe(400)
    expect((await ask(close, 'task/?_order_by=date_updated')).status).toBe(400)
  })

  it('tell sums over all that match, beside the page', async () => {
    const rows = await readAll(close, 'opportunity/', { status_type: 'won' })
    const { body } = await ask(close, 'opportunity/?status_type=won&_limit=1')
    const count = Object.values(body.count_by_value_period as object) as number[]
    expect(count.reduce((sum, one) => sum + one, 0)).toBe(rows.length)
    expect(body.total_results).toBe(rows.length)
  })

  it('hide all but hand-made tasks unless others are asked for', async () => {
    const rows = await readAll(close, 'task/')
    const everything = await readAll(close, 'task/', { _type: 'all' })
    expect(new Set(rows.map(({ _type }) => _type))).toEqual(new Set(['lead']))
    expect(everything.length).toBeGreaterThan(rows.length)
    const some = await readAll(close, 'task/', { _type__in: 'lead,missed_call' })
    const wanted = everything.filter(({ _type }) => _type === 'lead' || _type === 'missed_call')
    expect(sorted(idsOf(some))).toEqual(sorted(idsOf(wanted)))
    expect((await ask(close, 'task/?_type=nonsense')).status).toBe(400)
    const done = await readAll(close, 'task/', { _type: 'all', is_complete: 'true' })
    expect(done.every(({ is_complete }) => is_complete === true)).toBe(true)
    expect((await ask(close, 'task/?is_complete=perhaps')).status).toBe(400)
  })

  it('compare creation of activities by the whole second', async () => {
    const [newest] = (await ask(close, 'activity/?_limit=1')).body.data
    const second = (newest!.date_created as string).slice(0, 19)
    const found = async (param: string) =>
      idsOf((await ask(close, `activity/?${param}&_limit=5`)).body.data)
    // Later within the same second than the activity itself, and yet it is found.
    expect(await found(`date_created__gte=${second}.999999Z`)).toContain(newest!.id)
    expect(await found(`date_created__gt=${second}.000000Z`)).not.toContain(newest!.id)
    expect(await found(`date_created__lte=${second}`)).toContain(newest!.id)
  })

  it('take some filters of activities only together with a lead', async () => {
    const { id } = all('leads').find(({ id }) => close.world.children(id).activities.length > 1)!
    const refused = await ask(close, 'activity/?_type=Note')
    expect(refused.status).toBe(400)
    expect(refused.body).toEqual({
      errors: [],
      'field-errors': { lead_id: 'This field is required.' },
    })
    const rows = await readAll(close, 'activity/', { lead_id: id })
    expect(sorted(idsOf(rows))).toEqual(sorted(close.world.children(id).activities))
    const created = await readAll(close, 'activity/', { lead_id: id, _type: 'Created' })
    expect(created.map(({ _type }) => _type)).toEqual(['Created'])
    expect((await ask(close, `activity/?_order_by=-activity_at&lead_id=${id}`)).status).toBe(200)
  })

  it('split activities into lists by kind, which together are the whole', async () => {
    const made = ['note', 'call', 'email', 'sms', 'whatsapp_message', 'meeting', 'custom']
    const told = ['created', 'task_completed', 'form_submission', 'lead_merge']
    const lists = [...made, ...told, 'status_change/lead', 'status_change/opportunity']
    const rows = await Promise.all(
      lists.map((kind) => readAll(close, `activity/${kind}/`, {}, 100)),
    )
    expect(sorted(idsOf(rows.flat()))).toEqual(all('activities').map(({ id }) => id))
    const [first] = rows[0]!
    expect((await ask(close, `activity/note/${first!.id}/`)).body).toEqual(first)
    expect((await ask(close, `activity/call/${first!.id}/`)).status).toBe(404)
  })

  it('read dates without an offset as UTC, and refuse what is none', async () => {
    const count = async (value: string) =>
      (await ask(close, `opportunity/?date_updated__gte=${value}`)).body.total_results
    const utc = await count('2025-05-01T00:00:00Z')
    expect(await count('2025-05-01T00:00:00')).toBe(utc)
    expect(await count('2025-05-01')).toBe(utc)
    expect(await count('2025-05-01T02:00:00%2B02:00')).toBe(utc)
    // Unencoded, the plus sign arrives as a space.
    const raw = await ask(close, 'opportunity/?date_updated__gte=2025-05-01T00:00:00+00:00')
    expect(raw.status).toBe(400)
    expect(raw.body).toEqual({
      errors: [],
      'field-errors': { date_updated__gte: 'Could not parse date.' },
    })
  })

  it('shift whole days by X-TZ-Offset, and only those', async () => {
    const [newest] = await readAll(close, 'opportunity/', { _order_by: '-date_created' })
    const day = (newest!.date_created as string).slice(0, 10)
    const count = async (value: string, offset: string) => {
      const init = { headers: { 'x-tz-offset': offset } }
      return (await ask(close, `opportunity/?date_created__gte=${value}`, init)).body.total_results
    }
    expect(await count(day, '-24')).toBe(0)
    expect(await count(day, '0')).toBeGreaterThan(0)
    expect(await count(`${day}T00:00:00Z`, '-24')).toBe(await count(`${day}T00:00:00Z`, '0'))
  })

  it('understand the old search language for leads, to the minute', async () => {
    const rows = await readAll(close, 'lead/', {}, 200)
    const { id, date_updated } = rows[10]!
    const minute = (date_updated as string).slice(0, 16)
    const query = `date_updated>="${minute}" sort:date_updated`
    const found = await readAll(close, 'lead/', { query })
    const times = found.map((row) => row.date_updated as string)
    expect(times).toEqual(times.toSorted())
    expect(idsOf(found)).toContain(id)
    expect(times.every((time) => time.slice(0, 16) >= minute)).toBe(true)
    expect(found.length).toBeLessThan(rows.length)
    const unknown = await readAll(close, 'lead/', { query: 'lead_status:"Potential"' }, 200)
    expect(unknown).toHaveLength(rows.length)
  })

  it('list only views of leads unless others are asked for, and current users only', async () => {
    const types = async (path: string) => (await ask(close, path)).body.data.map(({ type }) => type)
    expect(await types('saved_search/')).toEqual(['lead', 'lead'])
    expect(await types('saved_search/?type__in=lead,contact')).toHaveLength(3)
    const users = idsOf((await ask(close, 'user/')).body.data)
    const byEmail = (await ask(close, 'user/?_order_by=-email')).body.data.map(
      ({ email }) => email as string,
    )
    expect(byEmail).toEqual(byEmail.toSorted().toReversed())
    const { body } = await ask(
      close,
      `organization/${close.world.org.id}/?_fields=id,inactive_memberships`,
    )
    const [leaver] = body.inactive_memberships as { user_id: string }[]
    expect(Object.keys(body)).toEqual(['id', 'inactive_memberships'])
    expect(users).not.toContain(leaver!.user_id)
  })

  it('answer requests too long for a URL', async () => {
    const ids = idsOf((await ask(close, 'activity/?_limit=3')).body.data)
    const { body } = await ask(close, 'activity/', {
      method: 'POST',
      headers: { 'x-http-method-override': 'GET', 'content-type': 'application/json' },
      body: JSON.stringify({ _params: { id__in: ids.join(','), _fields: 'id' } }),
    })
    expect(sorted(idsOf(body.data))).toEqual(sorted(ids))
  })
})
