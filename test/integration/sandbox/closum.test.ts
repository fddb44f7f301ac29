import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClosumOptions } from '../../../src/sandbox/closum/closum.ts'
import {
  startSandbox,
  type Sandbox,
  type SandboxOptions,
  type SandboxSource,
} from '../../../src/sandbox/sandbox.ts'
import { ask, post } from './client.ts'

const DAY = 86_400_000
const CREDENTIALS = { email: 'sandbox@closum.example', password: 'sandbox_key' }

interface Envelope {
  readonly data: readonly Record<string, unknown>[]
  readonly pagination: Record<string, unknown>
}

let sandbox: Sandbox<'closum'>
let closum: SandboxSource<'closum'>

async function start(
  options: Partial<SandboxOptions<'closum'>> = {},
  closumOptions: ClosumOptions = {},
): Promise<void> {
  await sandbox?.stop()
  sandbox = await startSandbox({
    sources: ['closum'],
    leads: 60,
    ...options,
    closum: closumOptions,
  })
  closum = sandbox.sources.closum
}

async function login(): Promise<string> {
  const { body } = await post(closum, 'token', CREDENTIALS)
  return (body.data as unknown as { token: string }).token
}

async function get(path: string, token?: string) {
  return ask(closum, path, { headers: { authorization: `Bearer ${token ?? (await login())}` } })
}

async function list(path: string, token?: string): Promise<Envelope> {
  const { status, text } = await get(path, token)
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
  return JSON.parse(text) as Envelope
}

const idsOf = (rows: readonly { readonly id?: unknown }[]) => rows.map(({ id }) => id)

beforeEach(() => start())
afterEach(() => sandbox.stop())

describe('the login', () => {
  it('gives a JWT that names its end, and opens every list', async () => {
    const now = Date.UTC(2025, 6, 1)
    await start({ now: () => now })
    const { status, body } = await post(closum, 'token', CREDENTIALS)
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, data: { token: expect.any(String) } })
    const token = (body.data as unknown as { token: string }).token
    const [header, claims] = token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object)
    expect(header).toEqual({ typ: 'JWT', alg: 'HS256' })
    expect(claims).toMatchObject({ exp: (now + 7 * DAY) / 1000 })
    for (const path of ['lead', 'city', 'email', 'phone']) await list(path, token)
  })

  it('is refused with 401, or with 200 and the same body', async () => {
    const wrong = { ...CREDENTIALS, password: 'other' }
    const refusal = {
      success: false,
      data: { code: 401, url: '/api/token', message: 'Invalid username or password' },
    }
    const refused = await post(closum, 'token', wrong)
    expect([refused.status, refused.body]).toEqual([401, refusal])
    await start({}, { loginRefusedAs: 200 })
    const polite = await post(closum, 'token', wrong)
    expect([polite.status, polite.body]).toEqual([200, refusal])
  })

  it('needs a body that is JSON', async () => {
    const { status } = await ask(closum, 'token', { method: 'POST', body: 'email=a&password=b' })
    expect(status).toBe(400)
  })

  it('takes the credentials of the later version, and tells the end of the token', async () => {
    const now = Date.UTC(2018, 4, 4, 17, 20, 43)
    await start({ now: () => now }, { login: 'api_username' })
    expect((await post(closum, 'token', CREDENTIALS)).status).toBe(401)
    const { body } = await post(closum, 'token', {
      api_username: CREDENTIALS.email,
      api_pw: CREDENTIALS.password,
    })
    expect(body.data).toEqual({
      token: expect.any(String),
      expires_in: 604_800,
      expiration_date: '2018-05-11T17:20:43+00:00',
    })
  })

  it('gives tokens that expire, each by itself', async () => {
    let now = Date.UTC(2025, 6, 1)
    await start({ now: () => now }, { tokenTtlMs: 60_000 })
    const first = await login()
    now += 59_999
    const second = await login()
    expect((await get('lead', first)).status).toBe(200)
    now += 1
    expect((await get('lead', first)).status).toBe(401)
    expect((await get('lead', second)).status).toBe(200)
  })
})

describe('lists', () => {
  it('show 25 records a page, and tell a limit only where it is another', async () => {
    const first = await list('lead')
    expect(idsOf(first.data)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1))
    expect(first.pagination).toEqual({
      page_count: 3,
      current_page: 1,
      has_next_page: true,
      has_prev_page: false,
      count: 60,
      limit: null,
    })
    const last = await list('lead?page=3&limit=20')
    expect(idsOf(last.data)).toEqual(Array.from({ length: 20 }, (_, i) => i + 41))
    expect(last.pagination).toEqual({
      page_count: 3,
      current_page: 3,
      has_next_page: false,
      has_prev_page: true,
      count: 60,
      limit: 20,
    })
  })

  it('lower a limit beyond the greatest in silence', async () => {
    await start({ leads: 130 })
    const page = await list('lead?limit=5000')
    expect(page.data).toHaveLength(100)
    expect(page.pagination).toMatchObject({ page_count: 2, has_next_page: true, limit: 100 })
    await start({ leads: 30 }, { maxLimit: 7 })
    expect((await list('lead?limit=100')).data).toHaveLength(7)
  })

  it('take what is no number for 1', async () => {
    expect((await list('lead?page=abc&limit=0')).pagination).toMatchObject({
      current_page: 1,
      limit: 1,
    })
  })

  it('are sorted by a field of theirs, and ignore what they do not know', async () => {
    const { data } = await list('city?sort=city_name&direction=desc&limit=100')
    const names = data.map(({ city_name }) => city_name as string)
    expect(names).toEqual(names.toSorted().toReversed())
    expect(new Set(names).size).toBe(closum.world.cities.size)
    const plain = await list('lead')
    for (const ignored of ['sort=phone', 'direction=sideways', 'since=2025-01-01', 'fields=id'])
      expect(await list(`lead?${ignored}`)).toEqual(plain)
    expect(idsOf((await list('lead?sort=id&direction=desc')).data)[0]).toBe(60)
    const first = (await list('lead?sort=name')).data[0]!
    expect(first.name).toBeNull()
  })

  it('end with a 404 beyond the last page, but an empty one has its first', async () => {
    const { status, body } = await get('lead?page=9999')
    expect(status).toBe(404)
    expect(body).toEqual({
      success: false,
      data: { code: 404, url: '/api/lead?page=9999', message: 'Not Found' },
    })
    await start({ leads: 0 })
    expect(await list('lead')).toMatchObject({
      data: [],
      pagination: { page_count: 1, has_next_page: false, count: 0 },
    })
  })

  it('have more than one page of cities, and their ids are not in the order of their names', async () => {
    const { data, pagination } = await list('city?limit=100')
    expect(pagination.count).toBeGreaterThan(25)
    expect(idsOf(data)).toEqual(Array.from({ length: data.length }, (_, i) => i + 1))
    const names = data.map(({ city_name }) => city_name as string)
    expect(names).not.toEqual(names.toSorted())
  })
})

describe('a record by itself', () => {
  it('names the ids that the list leaves out', async () => {
    const { leads, phones, emails, cities } = closum.world
    const lead = leads
      .rows()
      .find(({ phone_id, email_id, city_id }) => phone_id && email_id && city_id)!
    const { extension, number } = phones.get(lead.phone_id!)!
    const { email } = emails.get(lead.email_id!)!
    const { id, name, custom_data, creation_date } = lead
    const own = { id, name, custom_data, creation_date }
    const inList = (await list('lead?limit=100')).data.find((row) => row.id === id)
    expect(inList).toEqual({
      ...own,
      city_id: lead.city_id,
      phone: { extension, number },
      email: { email },
    })
    const { body } = await get(`lead/${id}`)
    expect(body).toEqual({
      success: true,
      data: {
        ...own,
        city: cities.get(lead.city_id!),
        phone: { id: lead.phone_id, extension, number },
        email: { id: lead.email_id, email },
      },
    })
  })

  it('is a 404 where there is none', async () => {
    for (const path of ['lead/9999', 'lead/abc', 'nothing', 'lead/'])
      expect((await get(path)).body).toEqual({
        success: false,
        data: { code: 404, url: `/api/${path}`, message: 'Not Found' },
      })
  })
})

describe('refusals', () => {
  it.each(['', 'Bearer', 'Bearer eyJhbGciOiJub25lIn0.e30.', 'Basic c2FuZGJveF9rZXk6'])(
    'answer the credentials "%s" with 401',
    async (authorization) => {
      const { status, body } = await ask(closum, 'lead', { headers: { authorization } })
      expect(status).toBe(401)
      expect(body).toEqual({
        success: false,
        data: { code: 401, url: '/api/lead', message: 'Your Bearer Token is wrong' },
      })
    },
  )

  it('answer other methods with 405', async () => {
    const { status, headers, body } = await ask(closum, 'lead', { method: 'DELETE' })
    expect([status, headers.get('allow')]).toEqual([405, 'GET'])
    expect(body).toMatchObject({ success: false, data: { code: 405 } })
    expect((await ask(closum, 'token')).status).toBe(405)
  })

  it('come as HTML if that is wanted, and records do not', async () => {
    await start({}, { errorsAs: 'html' })
    for (const answer of [await get('lead?page=99'), await get('lead', 'wrong')]) {
      expect(answer.headers.get('content-type')).toContain('text/html')
      expect(answer.text).toContain(`<h1>Error ${answer.status}</h1>`)
    }
    expect((await list('lead')).data).toHaveLength(25)
  })

  it('come once with the status 200, if that is wanted', async () => {
    await start({}, { failOnce: { path: '/api/lead', page: 2 } })
    const token = await login()
    await list('lead', token)
    const failed = await get('lead?page=2', token)
    expect([failed.status, failed.body.success]).toEqual([200, false])
    expect((await list('lead?page=2', token)).data).toHaveLength(25)
  })

  it('tell when to come back to who asks too often', async () => {
    let now = Date.UTC(2025, 6, 1)
    await start({ rps: 2, now: () => now })
    const token = await login()
    expect((await get('lead', token)).status).toBe(200)
    expect((await get('city', token)).status).toBe(200)
    const refused = await get('lead', token)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(refused.body).toMatchObject({ success: false, data: { code: 429 } })
    now += 500
    expect((await get('lead', token)).status).toBe(200)
  })
})

describe('the data', () => {
  const everything = ({ world }: SandboxSource<'closum'>) =>
    JSON.stringify([world.leads.rows(), world.emails.rows(), world.phones.rows()])

  it('is the same for the same seed, also after the same changes, and another for another', async () => {
    const texts: string[] = []
    for (const seed of [3, 3, 4]) {
      await start({ seed })
      closum.world.mutate({ edits: 4, adds: 2, deletes: 3 })
      texts.push(everything(closum))
    }
    expect(texts[1]).toBe(texts[0])
    expect(texts[2]).not.toBe(texts[0])
  })

  it('holds the same leads among many as among few', async () => {
    const few = closum.world.leads.rows()
    await start({ leads: 90 })
    expect(closum.world.leads.rows().slice(0, 60)).toEqual(few)
  })

  it('has every kind of trouble that the real one has', async () => {
    await start({ leads: 200 })
    const { leads, phones, emails } = closum.world
    const customs = leads.rows().map(({ custom_data }) => custom_data)
    const kinds = new Set(customs.map((text) => (text === null ? 'null' : kindOf(text))))
    expect([...kinds].sort()).toEqual(['broken', 'list', 'null', 'object', 'scalar'])
    const validities = new Set(phones.rows().map(({ is_valid }) => is_valid))
    expect([...validities].map(String).sort()).toEqual(['0', '1', 'false', 'true'])
    expect(phones.rows().some(({ number }) => number === '0012')).toBe(true)
    expect(phones.rows().some(({ extension }) => extension === '001')).toBe(true)
    expect(emails.rows().some(({ email }) => email.includes('+'))).toBe(true)
    const dates = leads.rows().map(({ creation_date }) => creation_date)
    expect(dates.some((date) => date.endsWith('+01:00'))).toBe(true)
    expect(dates.some((date) => Date.parse(date) > closum.world.clock.now())).toBe(true)
    for (const table of [leads.rows(), phones.rows(), emails.rows()])
      expect(table.every((row, i) => i === 0 || row.id > table[i - 1]!.id)).toBe(true)
  })

  it('changes on request, and leaves no date behind', async () => {
    const before = await list('lead?limit=100')
    const { body } = await post(closum, '/_sandbox/mutate', { edits: 3, adds: 2, deletes: 1 })
    const { edited, added, deleted } = body as unknown as Record<string, number[]>
    const after = await list('lead?limit=100')
    expect(idsOf(after.data)).toEqual([
      ...idsOf(before.data).filter((id) => !deleted!.includes(id as number)),
      ...added!,
    ])
    const changed = after.data.filter((row) => {
      const old = before.data.find(({ id }) => id === row.id)
      return old && JSON.stringify(old) !== JSON.stringify(row)
    })
    expect(idsOf(changed)).toEqual(edited!.toSorted((a, b) => a - b))
    const dates = (rows: typeof after.data) => rows.map(({ creation_date }) => creation_date)
    expect(dates(changed)).toEqual(
      dates(before.data.filter(({ id }) => edited!.includes(id as number))),
    )
    expect((await post(closum, '/_sandbox/mutate', { merges: 1 })).status).toBe(400)
  })

  it('loses the phone and the email with the lead, and has them back with it', () => {
    const { world } = closum
    const before = world.counts()
    const lead = world.leads.rows().find(({ phone_id, email_id }) => phone_id && email_id)!
    const deleted = world.deleteLead(lead.id)
    expect(world.counts()).toEqual({
      ...before,
      leads: before.leads! - 1,
      phones: before.phones! - 1,
      emails: before.emails! - 1,
    })
    expect(() => world.editLead(lead.id)).toThrow(RangeError)
    world.restoreLead(deleted)
    expect(world.counts()).toEqual(before)
    expect(idsOf(world.leads.rows())).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
    expect(world.addLead({ name: 'New' })).toMatchObject({ id: 61, name: 'New' })
  })
})

function kindOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return 'list'
    return typeof value === 'object' && value !== null ? 'object' : 'scalar'
  } catch {
    return 'broken'
  }
}

describe('the request log', () => {
  it('keeps no credentials', async () => {
    await login()
    expect(closum.requests.entries).toMatchObject([{ path: '/api/token', body: null }])
  })
})
