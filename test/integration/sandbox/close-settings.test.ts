import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ListPath } from '../../../src/sandbox/data/lists.ts'
import { startSandbox, type Sandbox, type SandboxSource } from '../../../src/sandbox/sandbox.ts'
import { ask, idsOf, readAll, type JsonRow } from './client.ts'

let sandbox: Sandbox<'close'>
let close: SandboxSource<'close'>

beforeAll(async () => {
  sandbox = await startSandbox({ sources: ['close'], leads: 20, seed: 12 })
  close = sandbox.sources.close
})

afterAll(() => sandbox.stop())

const records = (path: ListPath) => close.world.listOf(path) as unknown as readonly JsonRow[]
const rows = async (path: string) => (await ask(close, path)).body.data
const field = async (path: string, name: string) => (await rows(path)).map((row) => row[name])

describe('lists of settings', () => {
  it.each([
    'custom_field/lead',
    'custom_field/contact',
    'custom_field/opportunity',
    'custom_field/activity',
    'custom_field/custom_object_type',
    'sequence',
    'sms_template',
    'outcome',
    'playbook',
    'form',
    'connected_account',
    'phone_number',
    'blocked_phone_number',
    'dialer',
    'bulk_action/email',
    'bulk_action/edit',
    'bulk_action/delete',
    'bulk_action/sequence_subscription',
    'export',
    'user',
  ] as const)('%s: pages by _limit and _skip hold everything once, in order', async (path) => {
    const expected = idsOf(records(path))
    expect(expected.length).toBeGreaterThan(0)
    expect(idsOf(await readAll(close, `${path}/`, {}, 7))).toEqual(expected)
    expect((await ask(close, `${path}/?_limit=1001`)).status).toBe(400)
  })

  it.each([
    'status/lead',
    'status/opportunity',
    'pipeline',
    'custom_activity',
    'custom_object_type',
    'custom_field/shared',
    'role',
    'scheduling_link',
    'shared_scheduling_link',
    'unsubscribe/email',
    'integration_link',
    'webhook',
  ] as const)('%s comes whole and knows neither _limit nor _skip', async (path) => {
    const { body } = await ask(close, `${path}/?_limit=1&_skip=1`)
    expect(body.data.length).toBeGreaterThan(0)
    expect(body).toEqual({ data: records(path), has_more: false })
  })

  it('some do not fit on one page of the default size', async () => {
    for (const path of ['email_template/', 'blocked_phone_number/']) {
      const { body } = await ask(close, path)
      expect(body).toMatchObject({ has_more: true })
      expect(body.data).toHaveLength(100)
    }
  })

  it.each([
    'custom_field/lead',
    'sequence',
    'email_template',
    'export',
    'webhook',
    'role',
  ] as const)('%s gives a record by its id', async (path) => {
    const [record] = records(path)
    expect((await ask(close, `${path}/${record!.id}/`)).body).toEqual(record)
    expect((await ask(close, `${path}/none/`)).status).toBe(404)
  })

  it('show archived templates apart, and archived playbooks and forms unless asked not to', async () => {
    const active = await readAll(close, 'email_template/', {}, 50)
    const archived = await readAll(close, 'email_template/', { is_archived: 'true' }, 50)
    expect(new Set(active.map((row) => row.is_archived))).toEqual(new Set([false]))
    expect(new Set(archived.map((row) => row.is_archived))).toEqual(new Set([true]))
    expect(active.length + archived.length).toBe(records('email_template').length)
    const own = await readAll(close, 'email_template/', { is_shared: 'false' }, 50)
    expect(new Set(own.map((row) => row.is_shared))).toEqual(new Set([false]))
    for (const path of ['playbook/', 'form/']) {
      const all = (await rows(path)).length
      const [gone, used] = await Promise.all([
        rows(`${path}?is_archived=true`),
        rows(`${path}?is_archived=false`),
      ])
      expect([gone.length > 0, used.length > 0, gone.length + used.length]).toEqual([
        true,
        true,
        all,
      ])
    }
  })

  it('use dates of their own: with an offset, naive, or under other names', async () => {
    const [template] = await rows('email_template/?_limit=1')
    expect(template!.date_created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/)
    for (const path of ['sequence/', 'dialer/', 'webhook/', 'pipeline/', 'custom_activity/']) {
      expect((await field(path, 'date_created'))[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/)
    }
    const [playbook] = await rows('playbook/')
    expect(Object.keys(playbook!)).toEqual(expect.arrayContaining(['created_at', 'updated_at']))
    expect(playbook).not.toHaveProperty('date_created')
  })

  it('tell connected accounts by type and user', async () => {
    const types = new Set(await field('connected_account/', '_type'))
    expect(types).toEqual(new Set(['google', 'custom_email', 'microsoft', 'zoom']))
    const [first] = await rows('connected_account/?_type=zoom')
    expect(first!._type).toBe('zoom')
    const own = await rows(`connected_account/?user_id=${first!.user_id as string}`)
    expect(new Set(own.map(({ user_id: id }) => id))).toEqual(new Set([first!.user_id]))
    expect(own.length).toBeLessThan((await rows('connected_account/')).length)
  })

  it('show whom one allows to send in their name, and nothing about others', async () => {
    const me = (await ask(close, 'me/')).body.id as string
    expect(new Set(await field('send_as/', 'allowing_user_id'))).toEqual(new Set([me]))
    const allowed = await field(`send_as/?allowed_user_id=${me}`, 'allowed_user_id')
    expect(allowed).toEqual([me])
    expect((await ask(close, 'send_as/?allowing_user_id=user_other')).status).toBe(400)
  })

  it('keep the keys of webhooks to themselves, not the links of exports', async () => {
    expect(JSON.stringify(await rows('webhook/'))).not.toContain('signature_key')
    const links = (await field('export/', 'download_url')) as string[]
    expect(links.every((link) => link.includes('signature='))).toBe(true)
  })

  it('filter dialers and phone numbers', async () => {
    const [dialer] = await rows('dialer/')
    const params = `source_value=${dialer!.source_value as string}&status__in=inactive,active`
    const found = await rows(`dialer/?${params}`)
    expect(new Set(found.map((row) => row.source_value))).toEqual(new Set([dialer!.source_value]))
    expect(await rows('dialer/?status=active')).toEqual([])
    expect(await field('phone_number/?is_group_number=true', 'user_id')).toEqual([null])
    const me = close.world.org.users[0]!.id as string
    const ringing = await field(`phone_number/?participant_user_id=${me}`, 'is_group_number')
    expect(ringing).toEqual([false, true])
  })
})

describe('people', () => {
  it('names the members of a group in the group only', async () => {
    const groups = await rows('group/')
    expect(groups.every((group) => !('members' in group))).toBe(true)
    const members = await Promise.all(
      groups.map(async ({ id }) => (await ask(close, `group/${id}/?_fields=name,members`)).body),
    )
    const ids = members.flatMap((group) => group.members as { user_id: string }[])
    expect(Object.keys(members[0]!).toSorted()).toEqual(['members', 'name'])
    expect(ids.map(({ user_id: id }) => id).toSorted()).toEqual(idsOf(records('user')).toSorted())
  })

  it('gives the organization with its members, those who have left among them', async () => {
    const { org } = close.world
    const fields = '_fields=id,name,memberships,inactive_memberships'
    const { body } = await ask(close, `organization/${org.id}/?${fields}`)
    const [active, inactive] = [body.memberships, body.inactive_memberships] as JsonRow[][]
    expect([...active!, ...inactive!]).toEqual(records('membership'))
    expect(inactive!.every((row) => row.is_active === false)).toBe(true)
    expect((await ask(close, 'organization/orga_none/')).status).toBe(404)
  })

  it('gives the views that a member has pinned, in order', async () => {
    const views = idsOf(records('saved_search'))
    const pinned = await Promise.all(
      records('membership').map(
        async ({ id }) =>
          (await ask(close, `membership/${id}/pinned_views/`)).body.saved_view_ids as string[],
      ),
    )
    expect(pinned.flat().length).toBeGreaterThan(0)
    expect(pinned.flat().every((id) => views.includes(id))).toBe(true)
    expect((await ask(close, 'membership/memb_none/pinned_views/')).status).toBe(404)
  })

  it('says who can take a call', async () => {
    const users = await rows('user/availability/')
    expect(users.map((row) => row.user_id)).toEqual(idsOf(records('user')))
    expect((users[0]!.availability as JsonRow[]).map(({ type }) => type)).toEqual([
      'mobile',
      'native',
      'web',
    ])
  })

  it('says who is asking, with what is theirs', async () => {
    const { body } = await ask(close, 'me/')
    for (const list of ['memberships', 'email_accounts', 'phone_numbers']) {
      const own = body[list] as JsonRow[]
      expect(own.length).toBeGreaterThan(0)
      expect(own.every((row) => row.user_id === body.id)).toBe(true)
    }
    expect(Object.keys((await ask(close, 'me/?_fields=id,email')).body)).toEqual(['id', 'email'])
  })

  it('gives the settings of blocked numbers beside their list', async () => {
    const { body } = await ask(close, 'blocked_phone_number/settings/')
    expect(body).toMatchObject({ organization_id: close.world.org.id })
  })
})

describe('custom fields and types', () => {
  it('name shared fields apart from those of one kind', async () => {
    const shared = idsOf(await rows('custom_field/shared/'))
    for (const kind of ['lead', 'contact', 'opportunity', 'activity', 'custom_object_type']) {
      const own = idsOf(await rows(`custom_field/${kind}/`))
      expect(own.filter((id) => shared.includes(id))).toEqual([])
      expect(idsOf(await rows(`custom_fields/${kind}/`))).toEqual(own)
    }
  })

  it('give each association of a shared field', async () => {
    for (const shared of await rows('custom_field/shared/')) {
      for (const association of shared.associations as Record<string, string>[]) {
        const { object_type: kind, custom_activity_type_id: activity } = association
        const type = activity ?? association.custom_object_type_id
        const path = `custom_field/shared/${shared.id}/association/${kind}/`
        const { body } = await ask(close, type === undefined ? path : `${path}${type}/`)
        expect(body).toEqual(association)
      }
    }
    const [, consent] = await rows('custom_field/shared/')
    const none = await ask(close, `custom_field/shared/${consent!.id}/association/lead/`)
    expect(none.status).toBe(404)
  })

  it('list the fields of each custom type, of its own and shared ones', async () => {
    const ofTypes = [...(await rows('custom_activity/')), ...(await rows('custom_object_type/'))]
    const fields = ofTypes.flatMap((type) => type.fields as JsonRow[])
    const known = new Set(
      idsOf([
        ...records('custom_field/activity'),
        ...records('custom_field/custom_object_type'),
        ...records('custom_field/shared'),
      ]),
    )
    expect(fields.length).toBeGreaterThan(8)
    expect(fields.every(({ id }) => known.has(id))).toBe(true)
    const [contract, device] = await rows('custom_object_type/')
    const [pointer] = contract!.back_reference_fields as JsonRow[]
    expect(pointer!.referenced_custom_type_id).toBe(contract!.id)
    expect(idsOf(device!.fields as JsonRow[])).toContain(pointer!.id)
  })

  it('give the schema of each kind and type', async () => {
    const region = records('custom_field/shared')[0]!.id
    for (const kind of ['lead', 'contact', 'opportunity'] as const) {
      const { body } = await ask(close, `custom_field_schema/${kind}/`)
      const ids = idsOf(body.fields as JsonRow[])
      expect(body.object_type).toBe(kind)
      expect(ids).toEqual(
        expect.arrayContaining([...idsOf(records(`custom_field/${kind}`)), region]),
      )
    }
    const [type] = await rows('custom_activity/')
    const { body } = await ask(close, `custom_field_schema/activity/${type!.id}/`)
    expect(idsOf(body.fields as JsonRow[])).toEqual(idsOf(type!.fields as JsonRow[]))
    expect((body.fields as JsonRow[]).map(({ required }) => required)).toContain(true)
    const [object] = await rows('custom_object_type/')
    expect((await ask(close, `custom_field_schema/custom_object/${object!.id}/`)).status).toBe(200)
    expect((await ask(close, 'custom_field_schema/activity/actitype_none/')).status).toBe(404)
  })
})
