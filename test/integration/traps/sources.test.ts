import { describe, expect, it } from 'vitest'
import { parseJson, type JsonRecord } from '../../../src/core/json.ts'
import { reply, serve } from '../../support/http-server.ts'
import { afterPage, DAY, start as startClose, troubles, type Close } from '../sources/close.ts'
import { inDays, start as startEspocrm } from '../sources/espocrm.ts'

const SMALL = { leads: 12 }

const leadIds = ({ world }: Close) => world.leads.list('id').map(({ id }) => id)
const goneLeads = async (close: Close) =>
  new Set((await close.rows('select id from leads where _sluice_deleted_at is not null')).flat())

/** A server before the sandbox that shows no event whose id is in `late`. */
async function openLog(late: ReadonlySet<unknown>) {
  let origin = ''
  const server = await serve(async ({ method, url, path, headers, body }) => {
    const { authorization = '', 'content-type': type = '' } = headers
    const answer = await fetch(origin + url, {
      method,
      headers: { authorization, 'content-type': type },
      ...(body && { body }),
    })
    const text = await answer.text()
    if (!path.endsWith('/event/')) return reply(answer.status, text)
    const page = parseJson(text).value as JsonRecord & { data: JsonRecord[] }
    return { ...page, data: page.data.filter(({ id }) => !late.has(id)) }
  })
  return {
    through: (url: string) => {
      ;({ origin } = new URL(url))
      return url.replace(origin, server.url)
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

describe("Close's event log", () => {
  it('T24: is read again for some minutes, and what comes in late is followed', async () => {
    const late = new Set<unknown>()
    await using log = await openLog(late)
    await using close = await startClose({ sandbox: SMALL, through: log.through })
    const { world } = close
    const endpoints = ['event_log', 'leads']
    await close.sync({ endpoints })
    const [deleted = '', edited = ''] = leadIds(close)
    world.deleteLead(deleted)
    late.add(world.events.list()[0]!.id)
    close.pass(1000)
    world.editLead(edited)
    expect(troubles(await close.sync({ endpoints }))).toEqual([])
    expect(await goneLeads(close)).toEqual(new Set())
    late.clear()
    expect(troubles(await close.sync({ endpoints }))).toEqual([])
    expect(await goneLeads(close)).toEqual(new Set([deleted]))
  })

  it('T37: tells of deletes, merges and edits also where it hides what they are about', async () => {
    await using close = await startClose({ sandbox: SMALL })
    const { world } = close
    const endpoints = ['event_log', 'leads', 'notes']
    await close.sync({ endpoints })
    const [deleted = '', from = '', into = ''] = leadIds(close)
    // Older than what each sync reads again.
    const note = world.activities
      .list('id')
      .find(
        ({ record, created }) =>
          record._type === 'Note' && record.lead_id !== deleted && created < close.now() - 2 * DAY,
      )!
    world.editActivity(note.id, { note: 'edited long after it was written' })
    world.deleteLead(deleted)
    world.mergeLeads(from, into)
    for (const { record } of world.events.list()) {
      Object.assign(record, { data: null, previous_data: null, changed_fields: null })
    }
    expect(troubles(await close.sync({ endpoints }))).toEqual([])
    expect(await goneLeads(close)).toEqual(new Set([deleted, from]))
    expect(await close.rows(`select note from notes where id = '${note.id}'`)).toEqual([
      ['edited long after it was written'],
    ])
  })
})

describe("EspoCRM's seconds", () => {
  it('T6: are read again, and what is committed late is not missed', async () => {
    await using espocrm = await startEspocrm({ sandbox: SMALL })
    const { world } = espocrm
    const endpoints = ['leads']
    const [last] = world.mutate({ touches: 1 }).touched
    await espocrm.sync({ endpoints })
    const { modifiedAt } = world.list('Lead').find(({ id }) => id === last)!
    const before = new Date(Date.parse(`${modifiedAt as string}Z`) - 30_000).toISOString()
    world.add('Lead', { lastName: 'Late', modifiedAt: before.slice(0, 19).replace('T', ' ') })
    await espocrm.sync({ endpoints })
    const { rows } = await espocrm.query("select last_name from leads where last_name = 'Late'")
    expect(rows).toEqual([['Late']])
  })
})

describe("EspoCRM's history", () => {
  it.each([
    [14, []],
    [16, ['RETENTION_GAP']],
  ])('T25: is kept for 15 days; after %i days it warns of %j', async (days, codes) => {
    await using espocrm = await startEspocrm({ sandbox: SMALL })
    const endpoints = ['action_history']
    expect((await espocrm.sync({ endpoints })).warnings).toEqual([])
    const { warnings } = await espocrm.sync({ endpoints, ...inDays(days) })
    expect(warnings.map(({ code }) => code)).toEqual(codes)
  })
})

describe('a parent that is deleted before its children are asked for', () => {
  it('T27: has no children, and is no failure, in Close', async () => {
    await using close = await startClose({ sandbox: SMALL })
    const { world } = close
    const [deleted = '', ...others] = world.listOf('group').map(({ id }) => id as string)
    const vanish = afterPage('groups', 0, () => void world.deleteSetting('group', deleted))
    const endpoints = ['groups', 'group_members']
    const summary = await close.sync({ endpoints, onEvent: vanish })
    expect(troubles(summary)).toEqual(['group_members STATUS_SKIPPED'])
    expect(summary.status).toBe('ok')
    const members = await close.rows('select id from group_members order by id')
    expect(members.flat()).toEqual(others.toSorted())
  })

  it('T27: has no children, and is no failure, in EspoCRM', async () => {
    await using espocrm = await startEspocrm({ sandbox: { leads: 40 } })
    const { world } = espocrm
    const [deleted] = world.links('Meeting', 'contacts').map(({ id }) => id)
    const vanish = afterPage('meetings', 0, () => world.remove('Meeting', deleted!))
    const endpoints = ['meetings', 'meeting_contacts']
    const summary = await espocrm.sync({ endpoints, onEvent: vanish })
    expect(summary.status).toBe('ok')
    expect(summary.warnings.map(({ code }) => code)).toEqual(['STATUS_SKIPPED'])
    const { rows } = await espocrm.query('select meeting_id from meeting_contacts')
    const expected = world.links('Meeting', 'contacts').map(({ id }) => id)
    expect(rows.flat().map(String).toSorted()).toEqual(expected.toSorted())
    expect(expected).not.toContain(deleted)
  })
})
