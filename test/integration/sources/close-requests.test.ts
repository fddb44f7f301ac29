import { describe, expect, it, vi } from 'vitest'
import type { JsonValue } from '../../../src/core/json.ts'
import { FAULT_KINDS } from '../../../src/sandbox/sandbox.ts'
import { reply } from '../../support/http-server.ts'
import { dumpRecords } from '../../support/records.ts'
import { MINUTE, SELECTED, openGate, start, statusOf, troubles } from './close.ts'
import { compare, goneFrom } from './close-expected.ts'

// Many requests and loads, which take long where other tests have the cores.
vi.setConfig({ testTimeout: 120_000 })

/** One for each list that is short, and one that asks what is new of each that is long. */
const WITHOUT_NEWS = {
  'event/': 1,
  // Leads and contacts.
  'data/search/': 2,
  'opportunity/': 1,
  'task/': 1,
  'activity/note/': 1,
  'activity/call/': 1,
  'activity/email/': 1,
  'activity/sms/': 1,
  'activity/meeting/': 1,
  'activity/custom/': 1,
  'activity/status_change/lead/': 1,
  'activity/status_change/opportunity/': 1,
  'activity/lead_merge/': 1,
  'activity/task_completed/': 1,
  'custom_field/lead/': 1,
  'custom_field/contact/': 1,
  'custom_field/opportunity/': 1,
  'custom_field/activity/': 1,
  'custom_field/shared/': 1,
  'custom_activity/': 1,
  'status/lead/': 1,
  'status/opportunity/': 1,
  'pipeline/': 1,
  'user/': 1,
  'me/': 1,
  'role/': 1,
  'group/': 1,
  'saved_search/': 1,
  'sequence/': 1,
  // More than a hundred templates.
  'email_template/': 2,
}

describe('a sync of Close that finds nothing new', () => {
  it('makes one request for each list, and asks for nothing by its key', async () => {
    await using close = await start({ sandbox: { leads: 30, seed: 51 } })
    const { world } = close
    // Members and former members are two lists of one path.
    const expected = { ...WITHOUT_NEWS, [`organization/${world.org.id}/`]: 2 }
    await close.sync()
    const first = close.asked()
    const tables = await close.read(dumpRecords)
    for (let i = 0; i < 2; i++) {
      const summary = await close.sync()
      expect(troubles(summary)).toEqual([])
      expect(summary.endpoints.map(({ deleted }) => deleted).filter(Boolean)).toEqual([])
      expect(close.asked()).toEqual(expected)
    }
    expect(await close.read(dumpRecords)).toEqual(tables)
    expect(await compare(close, SELECTED)).toEqual([])
    // The first sync reads older events, too, and snapshots; a page may be one that the API has cut short.
    expect(first).toEqual({
      ...expected,
      'event/': 3,
      'data/search/': 6,
      'opportunity/': 2,
      'task/': 2,
    })
  })
})

describe('Close, while it changes and fails', () => {
  const CHANGES = [
    'edits',
    'adds',
    'deletes',
    'merges',
    'touches',
    'activities',
    'activityEdits',
    'activityDeletes',
    'oldEmails',
    'contactEdits',
    'contactDeletes',
    'opportunityEdits',
    'opportunityDeletes',
    'tasksCompleted',
    'taskDeletes',
  ]
  /** A page of HTML with the status 200 ends an endpoint, and slow answers only take time. */
  const PASSING = FAULT_KINDS.filter((kind) => kind !== 'html' && kind !== 'slow')

  it('is there as it is after one quiet sync more', async () => {
    await using close = await start({
      sandbox: {
        leads: 30,
        seed: 51,
        drift: { every: 2, kinds: CHANGES },
        faults: { rate: 0.25, kinds: PASSING },
      },
    })
    const { source } = close
    for (let run = 0; run < 2; run++) expect(troubles(await close.sync())).toEqual([])
    expect(Object.keys(source.drift.counts).sort()).toEqual([...CHANGES].sort())
    expect(Object.keys(source.faults.counts).sort()).toEqual([...PASSING].sort())
    source.faults.set(0)
    source.drift.set(false)
    expect(troubles(await close.sync())).toEqual([])
    expect(await compare(close, SELECTED)).toEqual([])
  })
})

describe('Close, asked with a wrong key', () => {
  it('ends the run with one error that says so', async () => {
    await using close = await start({ env: { CLOSE_API_KEY: 'not the key' } })
    const summary = await close.sync()
    expect(summary.status).toBe('failed')
    // One endpoint may want more than its key allows; two say that it is the key.
    expect(close.asked()).toEqual({ '401 event/': 1, '401 data/search/': 1 })
    const failed = summary.endpoints.filter(({ status }) => status === 'failed')
    expect(failed.map(({ endpoint }) => endpoint)).toEqual(['event_log', 'leads'])
    expect(summary.endpoints.filter(({ status }) => status === 'ok')).toEqual([])
    for (const { error } of failed) {
      expect(error).toMatchObject({
        code: 'HTTP_UNAUTHORIZED',
        message: expect.stringContaining('could not verify that you are authorized'),
        hint: expect.stringContaining('auth.username'),
      })
    }
    expect(JSON.stringify(summary)).not.toContain('not the key')
  })
})

describe('Close, where a key may not see all', () => {
  const FORBIDDEN = [
    'blocked_phone_numbers',
    'blocked_phone_settings',
    'connected_accounts',
    'pinned_views',
  ]

  it('leaves out what only administrators may read, says so, and deletes nothing', async () => {
    let forbidden = false
    await using gate = await openGate((url) =>
      forbidden && /blocked_phone_number|connected_account|pinned_views/.test(url)
        ? reply(403, { error: 'Forbidden' })
        : null,
    )
    const names = [...FORBIDDEN, 'memberships', 'roles']
    await using close = await start({ through: gate.through, sandbox: { leads: 0 } })
    expect(troubles(await close.sync({ endpoints: names }))).toEqual([])
    forbidden = true
    const summary = await close.sync({ endpoints: names })
    expect(summary.status).toBe('ok')
    const skipped = new Set(
      summary.warnings
        .filter(({ code }) => code === 'STATUS_SKIPPED')
        .map(({ endpoint }) => endpoint),
    )
    expect([...skipped].sort()).toEqual(FORBIDDEN)
    for (const name of names) expect(await goneFrom(close, name)).toEqual([])
    expect(await compare(close, names)).toEqual([])
  })
})

describe('Close, asked too often', () => {
  const REFUSALS: readonly [string, Record<string, string>, JsonValue, number][] = [
    [
      'RateLimit and Retry-After',
      { ratelimit: 'limit=100, remaining=0, reset=2.87', 'retry-after': '3' },
      {},
      3000,
    ],
    [
      'RateLimit alone, in decimals',
      { ratelimit: 'limit=100, remaining=0, reset=2.87' },
      null,
      2870,
    ],
    ['Retry-After alone', { 'retry-after': '4' }, {}, 4000],
    [
      'all generations of 2022',
      {
        'x-rate-limit-limit': '240',
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': '7.218390',
        'ratelimit-limit': '60',
        'ratelimit-remaining': '0',
        'ratelimit-reset': '1',
        'x-ratelimit-limit': '60, 60;w=1, 100;w=1',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '1',
      },
      {},
      7218,
    ],
    [
      'X-Rate-Limit-Reset of 2017',
      {
        'x-rate-limit-limit': '600',
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': '14.68976',
      },
      {},
      14_689,
    ],
    [
      'a body that says when',
      {},
      {
        error: {
          message: 'API call count exceeded for this period',
          rate_reset: 5.870663,
          rate_limit: 40,
          rate_window: 1,
        },
      },
      5870,
    ],
    [
      'a flat body with text for numbers',
      {},
      { error: 'API call count exceeded', rate_reset: '6.595956' },
      6595,
    ],
  ]

  it.each(REFUSALS)('waits as long as it says: %s', async (_, headers, body, ms) => {
    let refused = 0
    await using gate = await openGate((url) =>
      url.includes('/status/lead/') && refused++ === 0 ? reply(429, body, headers) : null,
    )
    await using close = await start({ through: gate.through, sandbox: { leads: 2 } })
    const before = close.now()
    const summary = await close.sync({ endpoints: ['lead_statuses'] })
    expect(troubles(summary)).toEqual([])
    expect(refused).toBe(2)
    const waited = close.now() - before - MINUTE
    expect(waited).toBeGreaterThanOrEqual(ms)
    expect(waited).toBeLessThan(ms + 1000)
    expect(statusOf(summary, 'lead_statuses').waited_ms).toBe(Math.round(waited))
    expect(await compare(close, ['lead_statuses'])).toEqual([])
  })
})
