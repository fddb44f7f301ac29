import { describe, expect, it, vi } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { toSnakeCase } from '../../../src/normalize/naming.ts'
import { FIELD_PATHS } from '../../../src/sandbox/data/settings/fields.ts'
import { destinationTypes } from '../../support/databases.ts'
import {
  EVERY_ENDPOINT,
  MINUTE,
  shippedSource,
  start,
  troubles,
  type Close,
  type World,
} from './close.ts'
import { compare, goneFrom, goneKeys, servedKeys } from './close-expected.ts'

// Many requests and loads, which take long where other tests have the cores.
vi.setConfig({ testTimeout: 120_000 })

/** A world with objects of every kind, and more than a page of events. */
const SANDBOX = { leads: 30, seed: 51 }

/** Everything that can happen, but for what makes records differ without giving them a new date. */
const CHANGES = {
  edits: 5,
  adds: 3,
  deletes: 2,
  merges: 2,
  touches: 5,
  activities: 8,
  activityEdits: 10,
  activityDeletes: 5,
  oldEmails: 3,
  comments: 4,
  contactEdits: 3,
  contactDeletes: 2,
  opportunityEdits: 4,
  opportunityDeletes: 2,
  tasksCompleted: 3,
  taskDeletes: 2,
  subscriptions: 2,
  customObjects: 2,
  customObjectEdits: 2,
  customObjectDeletes: 1,
  fieldAdds: 2,
  settingAdds: 6,
  settingEdits: 6,
  settingDeletes: 3,
  leavers: 1,
  seed: 1,
}

/** Endpoints whose rows are never marked, because what is gone from the list is history. */
const KEPT = new Set(
  shippedSource()
    .endpoints.filter(({ deletes }) => (deletes as unknown) === 'keep')
    .map(({ name }) => name),
)
/** The log knows no events of entries that say how a lead came to be. */
const WITH_CREATIONS = ['created_activities', 'activities']

const updatedAt = ({ date_updated: at }: JsonRecord) => Date.parse(at as string)
const createdIds = (world: World) => world.listOf('activity/created').map(({ id }) => id as string)
const missingFrom = (after: readonly string[], before: readonly string[]) => {
  const there = new Set(after)
  return before.filter((id) => !there.has(id))
}

describe.each(destinationTypes)('Close in %s', (type) => {
  it('is there whole: every record of every endpoint once and as it is, first and after changes', async () => {
    await using close = await start({ type, sandbox: SANDBOX })
    const { world } = close
    const before = await servedKeys(close)
    expect([...before].filter(([, keys]) => keys.length === 0)).toEqual([])
    const first = await close.sync({ endpoints: EVERY_ENDPOINT })
    expect(troubles(first)).toEqual([])
    expect(await compare(close)).toEqual([])
    await expectLabels(close)

    const creations = createdIds(world)
    const done = world.mutate(CHANGES)
    const { 'status/lead': statuses, 'status/opportunity': stages } = world.settings
    world.editLead(undefined, { status_id: statuses.inOrder().at(-1)!.id })
    world.editOpportunity(undefined, { status_id: stages.inOrder().at(-1)!.id })
    world.addCustomActivity()
    const second = await close.sync({ endpoints: EVERY_ENDPOINT })
    expect(troubles(second)).toEqual([])

    const unseen = missingFrom(createdIds(world), creations)
    expect(unseen).toHaveLength(done.deleted.length)
    const leaver = world.settings.membership.get(done.left[0]!)!.record.user_id as string
    expect((await compare(close)).sort()).toEqual(
      [
        ...WITH_CREATIONS.flatMap((name) =>
          unseen.map((id) => `${name} ${id}: 1 times instead of 0`),
        ),
        // Who left on that day is in its report.
        `report_activity 2025-06-30 ${leaver}: 1 times instead of 0`,
      ].sort(),
    )
    await expectLabels(close)

    const after = await servedKeys(close)
    const gone = new Map(
      [...before].map(([name, keys]) => {
        const invisible = WITH_CREATIONS.includes(name) ? unseen : []
        const away = KEPT.has(name) ? [] : missingFrom(after.get(name)!, keys)
        return [name, missingFrom(invisible, away)]
      }),
    )
    const marked = await goneKeys(close)
    expect(marked).toEqual(gone)
    expect(marked.get('leads')).toEqual([...done.deleted, ...done.merged].sort())

    await close.sync({ endpoints: ['created_activities'], fullRefresh: true })
    expect(await goneFrom(close, 'created_activities')).toEqual(unseen)
    expect(await compare(close, ['created_activities'])).toEqual([])
  })
})

describe('custom fields and statuses of Close', () => {
  const DEFINITIONS = FIELD_PATHS.map((path) => path.replace('/', 's_'))
  const names = [
    'event_log',
    'leads',
    'contacts',
    'opportunities',
    'custom_activities',
    'custom_objects',
    'lead_statuses',
    'opportunity_statuses',
    ...DEFINITIONS,
  ]
  const fieldsThatDiffer = async (close: Close) => {
    const lines = (await compare(close, names)).map((line) => line.split(': ')[0]!.split(' '))
    const counts: Record<string, number> = {}
    for (const [endpoint, , field] of lines) {
      const what = `${endpoint} ${field}`
      counts[what] = (counts[what] ?? 0) + 1
    }
    return counts
  }

  it('show in views under the names that they have now, and keep their columns', async () => {
    await using close = await start({ sandbox: SANDBOX })
    const { world } = close
    await close.sync({ endpoints: names })
    const { tier, owner } = world.org.leadFields
    const { region } = world.org.sharedFields
    world.renameCustomField(tier.id, 'Grade')
    world.renameCustomField(region.id, 'Sales / region')
    world.addCustomField('custom_field/contact', { name: 'Nickname' })
    await close.sync({ endpoints: names })
    expect(await compare(close, names)).toEqual([])
    await expectLabels(close)
    const [row] = await close.rows(
      `select count(*), count(grade), count(sales_region), count(owner) from leads_labeled`,
    )
    const valuesOf = (id: string) =>
      world.listOf('lead').filter((lead) => lead[`custom.${id}`] !== undefined).length
    expect(row!.map(Number)).toEqual([
      30,
      valuesOf(tier.id),
      valuesOf(region.id),
      valuesOf(owner.id),
    ])
  })

  it('that change in records without giving them a new date are right after the next edit, or a full refresh', async () => {
    await using close = await start({ sandbox: SANDBOX })
    const { world } = close
    await close.sync({ endpoints: names })
    const { seats, owner } = world.org.leadFields
    const { language } = world.org.contactFields
    const [status] = world.org.leadStatuses
    const [stage] = world.org.opportunityStatuses
    /** Records with a field that no sync reads again by itself: those of the last minutes it does. */
    const having = (list: 'lead' | 'contact' | 'opportunity', field: string, value?: unknown) => {
      const records = world.listOf(list)
      const newest = Math.max(...records.map(updatedAt))
      return records
        .filter((record) => updatedAt(record) < newest - 5 * MINUTE)
        .filter((record) => record[field] !== undefined && (!value || record[field] === value))
    }
    const label = having('opportunity', 'status_id', stage!.id).length
    const withLanguage = having('lead', 'contacts').filter(({ contacts }) =>
      (contacts as object[]).some((contact) => `custom.${language.id}` in contact),
    )
    const stale = {
      [`leads custom.${seats.id}`]: having('lead', `custom.${seats.id}`).length,
      [`leads custom.${owner.id}`]: having('lead', `custom.${owner.id}`).length,
      'leads status_label': having('lead', 'status_id', status!.id).length,
      'leads contacts': withLanguage.length,
      [`contacts custom.${language.id}`]: having('contact', `custom.${language.id}`).length,
      'opportunities status_label': label,
      'opportunities status_display_name': label,
    }
    expect(Math.min(...Object.values(stale))).toBeGreaterThan(0)
    world.deleteCustomField(seats.id)
    world.widenCustomField(owner.id)
    world.widenCustomField(language.id)
    world.editSetting('status/lead', status!.id as string)
    world.editSetting('status/opportunity', stage!.id as string)
    const summary = await close.sync({ endpoints: names })
    expect(troubles(summary)).toEqual([])
    expect(await fieldsThatDiffer(close)).toEqual(stale)
    await close.sync({ endpoints: names })
    expect(await fieldsThatDiffer(close)).toEqual(stale)

    const edited = having('lead', `custom.${owner.id}`)[0]!.id as string
    world.editLead(edited)
    await close.sync({ endpoints: names })
    expect((await compare(close, names)).filter((line) => line.includes(edited))).toEqual([])
    await close.sync({ endpoints: names, fullRefresh: true })
    expect(await compare(close, names)).toEqual([])
    await expectLabels(close)
  })
})

describe('the comparison of these tests', () => {
  it('notices a row that is lost, altered or tied to nothing, and an item of a list', async () => {
    await using close = await start({ sandbox: { leads: 0 } })
    await close.sync({ endpoints: ['users'] })
    expect(await compare(close, ['users'])).toEqual([])
    const [first, second, third, fourth] = close.world.listOf('user').map(({ id }) => id as string)
    const itemsOf = (id: string) =>
      `users__organizations where _dlt_parent_id = (select _dlt_id from users where id = '${id}')`
    await close.execute(`delete from ${itemsOf(first!)}`)
    await close.execute(`update users set first_name = 'x' where id = '${second}'`)
    await close.execute(`update users set date_created = null where id = '${third}'`)
    await close.execute(`update users set id = 'y' where id = '${fourth}'`)
    const found = await compare(close, ['users'])
    expect(found).toHaveLength(5)
    expect(found).toContainEqual(expect.stringContaining(`users ${first} organizations: nothing`))
    expect(found).toContainEqual(expect.stringContaining(`users ${second} first_name: "x" instead`))
    expect(found).toContainEqual(expect.stringContaining(`users ${third} date_created: nothing`))
    expect(found).toContain(`users ${fourth}: 0 times instead of 1`)
    expect(found).toContain('users y: 1 times instead of 0')
    await close.execute(`delete from users where id = 'y'`)
    await expect(compare(close, ['users'])).rejects.toThrow('tied to no row of users')
  })
})

/** Compares every view with labels with what the API says under the names of the fields. */
async function expectLabels(close: Close): Promise<void> {
  const { world } = close
  const fields = FIELD_PATHS.flatMap((path) => world.listOf(path))
  const names = new Map(fields.map(({ id, name }) => [`custom.${id as string}`, name as string]))
  const lists = {
    leads: 'lead',
    contacts: 'contact',
    opportunities: 'opportunity',
    custom_activities: 'activity/custom',
    custom_objects: 'custom_object',
  } as const
  for (const [table, list] of Object.entries(lists)) {
    const records = world.listOf(list)
    if (list === 'lead') expectSameByName(records, names)
    const used = [...names.keys()].filter((key) => records.some((record) => key in record))
    const expected = records.map((record) => ({
      id: record.id,
      ...Object.fromEntries(
        used.flatMap((key) => (key in record ? [[names.get(key)!, record[key]]] : [])),
      ),
    }))
    const sql = `select * from ${table}_labeled where _sluice_deleted_at is null`
    const { columns, rows } = await close.read((dataset) => dataset.query(sql))
    const actual = rows.map((row) => {
      const cells = new Map(columns.map((column, i) => [column, row[i] ?? null]))
      const values = used.flatMap((key) => {
        const label = names.get(key)!
        const column = toSnakeCase(label)
        if (!cells.has(column)) throw new Error(`${table}_labeled has no column ${column}`)
        // Where a field has come to hold lists, the plain column has what was there before.
        const value = cells.get(column) ?? cells.get(`${column}_list`) ?? null
        return value === null ? [] : [[label, valueOf(value)]]
      })
      return { id: cells.get('id'), ...Object.fromEntries(values) }
    })
    const byId = (a: { id: unknown }, b: { id: unknown }) => (String(a.id) < String(b.id) ? -1 : 1)
    expect({ [table]: actual.sort(byId) }).toEqual({
      [table]: expected.map((record) => sameSpelling(record)).sort(byId),
    })
  }
}

/** What leads say by the ids of their fields is what they say by name. */
function expectSameByName(leads: readonly JsonRecord[], names: ReadonlyMap<string, string>): void {
  for (const lead of leads) {
    const byId = Object.entries(lead).filter(([key]) => key.startsWith('custom.'))
    const named = Object.fromEntries(byId.map(([key, value]) => [names.get(key)!, value]))
    expect(named).toEqual(lead.custom)
  }
}

/** A list comes as a JSON array. */
const valueOf = (value: unknown): unknown =>
  typeof value === 'string' && value.startsWith('[') ? JSON.parse(value) : value

/** Times as databases give them. */
const sameSpelling = <T extends object>(record: T): T =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/\+00:00$/, 'Z') : (value as unknown),
    ]),
  ) as T
