import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { planBounds } from '../../../src/extract/bounds.ts'
import { incrementalConfig } from '../../../src/extract/config.ts'
import { createCursor } from '../../../src/extract/cursor.ts'
import { createHorizon } from '../../../src/extract/horizon.ts'
import {
  askedBounds,
  createIncremental,
  type IncrementalOptions,
} from '../../../src/extract/incremental.ts'
import type { Read } from '../../../src/extract/reads.ts'

const PAGE = { serverTime: null, byNumber: false }
const RUN_START = '2025-06-01T12:00:00.000000Z'

interface Start extends Partial<Omit<IncrementalOptions, 'config'>> {
  readonly startDate?: string
}

function start(config: object, { startDate, ...options }: Start = {}) {
  const warnings: string[] = []
  const parsed = incrementalConfig.parse({ cursor_path: 'at', ...config })
  const cursor = createCursor(parsed.format)
  const state = options.state ?? null
  const bounds = planBounds(cursor, parsed, {
    endpoint: 'leads',
    state,
    startDate: startDate ?? null,
  })
  const read: Read = { kind: 'first', from: bounds.lower, to: null }
  const filtered = { lower: true, upper: true }
  const incremental = createIncremental({
    endpoint: 'leads',
    config: parsed,
    cursor,
    read,
    state,
    since: bounds.since,
    horizon: createHorizon(RUN_START),
    once: false,
    appended: [],
    primaryKey: [],
    filtered,
    warn: (code) => warnings.push(code),
    ...options,
  })
  return { incremental, warnings, bounds, asked: askedBounds(cursor, parsed, read, filtered) }
}

const day = (n: number, more: JsonRecord = {}): JsonRecord => ({
  at: `2025-05-${String(n).padStart(2, '0')}T00:00:00Z`,
  ...more,
})
const bookmark = (n: number) => `2025-05-${String(n).padStart(2, '0')}T00:00:00.000000Z`

describe('a list', () => {
  const both = { lower: true, upper: true }
  it.each<[string, object, Partial<Read>, typeof both, boolean]>([
    ['is read to its end without an order', {}, {}, both, false],
    ['that is filtered ends where it is to', { order: 'desc' }, {}, both, false],
    [
      'newest first goes on behind the bookmark',
      { order: 'desc' },
      {},
      { ...both, lower: false },
      true,
    ],
    [
      'newest first is read to its end the first time',
      { order: 'desc' },
      { from: null },
      { ...both, lower: false },
      false,
    ],
    ['that Sluice filters goes on, too', { order: 'desc', client_side: true }, {}, both, true],
    [
      'oldest first goes on behind a window',
      { order: 'asc' },
      { to: bookmark(9) },
      { ...both, upper: false },
      true,
    ],
    [
      'oldest first ends with a window that is sent',
      { order: 'asc' },
      { to: bookmark(9) },
      both,
      false,
    ],
  ])('%s', (_, config, read, filtered, goesOn) => {
    const parsed = incrementalConfig.parse({ cursor_path: 'at', ...config })
    const cursor = createCursor(parsed.format)
    const whole: Read = { kind: 'first', from: bookmark(1), to: null, ...read }
    expect(askedBounds(cursor, parsed, whole, filtered).mayEndEarly).toBe(goesOn)
  })
})

describe('the lower bound', () => {
  it('is absent on a first run without a start', () => {
    expect(start({}).asked.start).toBeUndefined()
  })

  it('is the start date first and the bookmark afterwards', () => {
    expect(start({}, { startDate: '2025-01-01' }).asked.start).toBe('2025-01-01T00:00:00Z')
    const later = start({}, { startDate: '2025-01-01', state: { cursor: bookmark(9) } })
    expect(later.asked.start).toBe('2025-05-09T00:00:00Z')
  })

  it("prefers the endpoint's own initial value to the pipeline's start date", () => {
    const { asked } = start({ initial_value: '2024-03-01' }, { startDate: '2025-01-01' })
    expect(asked.start).toBe('2024-03-01T00:00:00Z')
  })

  it('goes back by the lookback, but not before the start', () => {
    const back = (lookback: string) =>
      start({ lookback }, { startDate: '2025-05-07', state: { cursor: bookmark(9) } }).asked.start
    expect(back('P1D')).toBe('2025-05-08T00:00:00Z')
    expect(back('P9D')).toBe('2025-05-07T00:00:00Z')
  })

  it.each([
    ['date_created__gt', '2025-05-08T23:59:59.999999Z'],
    ['date_created__gte', '2025-05-09T00:00:00Z'],
    ['date_updated>', '2025-05-08T23:59:59.999999Z'],
    ['date_updated>=', '2025-05-09T00:00:00Z'],
    ['filter[gt]', '2025-05-08T23:59:59.999999Z'],
    ['since', '2025-05-09T00:00:00Z'],
  ])('asks %s so that ties are read again', (param_name, sent) => {
    expect(start({ param_name }, { state: { cursor: bookmark(9) } }).asked.start).toBe(sent)
  })

  it('says when the start date was moved to before the first run', () => {
    const state = { cursor: bookmark(9), since: '2025-05-01T00:00:00.000000Z' }
    expect(start({}, { startDate: '2025-04-01', state }).bounds.gapFrom).toBe(
      '2025-04-01T00:00:00.000000Z',
    )
    expect(start({}, { startDate: '2025-05-02', state }).bounds.gapFrom).toBeNull()
  })

  it('explains a bookmark that does not fit the format', () => {
    expect(() => start({ format: 'number' }, { state: { cursor: 'x' } })).toThrow(
      /stored bookmark "x"/,
    )
  })
})

describe('the bookmark', () => {
  it('is the newest cursor of a complete read, with where reading began', () => {
    const { incremental } = start({}, { startDate: '2025-05-01' })
    incremental.accept([day(3), day(9), day(4)], PAGE)
    expect(incremental.final()).toEqual({ cursor: bookmark(9), since: bookmark(1) })
  })

  it('moves page by page only when the list is ascending', () => {
    const ascending = start({ order: 'asc' }).incremental
    ascending.accept([day(3), day(4)], PAGE)
    expect(ascending.progress()).toEqual({ cursor: bookmark(4) })
    const unordered = start({}).incremental
    unordered.accept([day(3), day(4)], PAGE)
    expect(unordered.progress()).toBeNull()
  })

  it('waits for the end, and says so, when a list that should ascend does not', () => {
    const { incremental, warnings } = start({ order: 'asc' })
    incremental.accept([day(3), day(9), day(4)], PAGE)
    expect(incremental.progress()).toBeNull()
    expect(warnings).toEqual(['ORDER_BROKEN'])
    expect(incremental.final()).toEqual({ cursor: bookmark(9) })
  })

  it('never passes the start of the run, for a record dated in the future', () => {
    const { incremental } = start({})
    incremental.accept([{ at: '2099-01-01T00:00:00Z' }, day(3)], PAGE)
    expect(incremental.final()).toEqual({ cursor: RUN_START })
  })

  it("never passes the server's clock where that is behind", () => {
    const { incremental } = start({})
    incremental.accept([{ at: '2025-06-01T11:59:59Z' }], {
      serverTime: Date.parse('2025-06-01T11:00:00Z'),
      byNumber: false,
    })
    expect(incremental.final()).toEqual({ cursor: '2025-06-01T11:00:00.000000Z' })
  })

  it('never moves back', () => {
    const { incremental } = start({ lookback: 'P5D' }, { state: { cursor: bookmark(9) } })
    incremental.accept([day(5)], PAGE)
    expect(incremental.final()).toMatchObject({ cursor: bookmark(9) })
  })

  it('is nothing while no record had a cursor', () => {
    const { incremental } = start({})
    incremental.accept([{ at: null }, {}], PAGE)
    expect(incremental.final()).toBeNull()
    expect(incremental.missing()).toBe(2)
  })
})

describe('records', () => {
  it('older than what was asked for reveal an ignored filter, and are dropped from there on', () => {
    const { incremental, warnings } = start(
      { param_name: 'since' },
      { state: { cursor: bookmark(9) } },
    )
    const first = incremental.accept([day(9), day(2), day(10)], PAGE)
    expect(first.records).toEqual([day(9), day(10)])
    expect(incremental.accept([day(1)], PAGE).records).toEqual([])
    expect(warnings).toEqual(['FILTER_IGNORED'])
  })

  it('are dropped in silence when the API can not filter', () => {
    const { incremental, warnings } = start(
      { client_side: true },
      { state: { cursor: bookmark(9) }, filtered: { lower: false, upper: false } },
    )
    expect(incremental.accept([day(2), day(9)], PAGE).records).toEqual([day(9)])
    expect(warnings).toEqual([])
  })

  it('within the rounding of a coarse format are no reason to distrust the filter', () => {
    const { incremental, warnings } = start(
      { format: 'date', param_name: 'since' },
      { state: { cursor: '2025-05-09T18:00:00.000000Z' } },
    )
    expect(incremental.accept([{ at: '2025-05-09T08:00:00Z' }], PAGE).records).toHaveLength(1)
    expect(warnings).toEqual([])
  })

  it('newest first: reading stops at the first page that is wholly old', () => {
    const { incremental } = start({ order: 'desc' }, { state: { cursor: bookmark(9) } })
    expect(incremental.accept([day(12), day(8)], PAGE).exhausted).toBe(false)
    expect(incremental.accept([day(7), day(6)], PAGE).exhausted).toBe(true)
  })

  it('newest first: a list out of order is never stopped early', () => {
    const { incremental } = start({ order: 'desc' }, { state: { cursor: bookmark(9) } })
    incremental.accept([day(10), day(12)], PAGE)
    expect(incremental.accept([day(7), day(6)], PAGE).exhausted).toBe(false)
  })

  it.each([
    ['load', 2],
    ['skip', 1],
  ])('without a cursor: on_missing %s leaves %i', (on_missing, left) => {
    const { incremental } = start({ on_missing })
    expect(incremental.accept([day(3), { at: null }], PAGE).records).toHaveLength(left)
    expect(incremental.missing()).toBe(1)
  })

  it('without a cursor: on_missing fail names the field', () => {
    const { incremental } = start({ on_missing: 'fail' })
    expect(() => incremental.accept([{ id: 1 }], PAGE)).toThrow(/leads: a record has no at/)
  })

  it('newest first: a page of one record, or of ties, proves no order', () => {
    const { incremental } = start({ order: 'desc' }, { state: { cursor: bookmark(9) } })
    expect(incremental.accept([day(6)], PAGE).exhausted).toBe(false)
    expect(incremental.accept([day(6), day(6)], PAGE).exhausted).toBe(false)
    expect(incremental.accept([day(5)], PAGE).exhausted).toBe(true)
  })

  it('with an unreadable cursor are no reason to fail an empty page after them', () => {
    const { incremental } = start({})
    incremental.accept([day(3), { at: 'soon' }], PAGE)
    expect(incremental.accept([], PAGE).records).toEqual([])
    expect(incremental.accept([{ at: null }, { at: 'soon' }], PAGE).records).toHaveLength(2)
  })

  it('with an unreadable cursor do not stop the others, unless all are so', () => {
    const { incremental } = start({})
    expect(incremental.accept([day(3), { at: 'soon' }], PAGE).records).toHaveLength(2)
    expect(() => start({}).incremental.accept([{ at: 'soon' }], PAGE)).toThrow(/leads: .*soon/)
  })
})

describe('append', () => {
  const append = (state: JsonRecord | null, primaryKey: string[] = []) =>
    start({}, { state, once: true, primaryKey }).incremental

  it('recognises the records at the bookmark by content and adds only new ones', () => {
    const first = append(null)
    first.accept([day(8, { id: 1 }), day(9, { id: 2 })], PAGE)
    const second = append(first.final())
    const page = second.accept([day(9, { id: 2 }), day(9, { id: 3 })], PAGE)
    expect(page.records).toEqual([day(9, { id: 3 })])
  })

  it('adds a second record with the same content once, and never again', () => {
    const first = append(null)
    first.accept([day(9)], PAGE)
    const second = append(first.final())
    expect(second.accept([day(9), day(9)], PAGE).records).toHaveLength(1)
    const third = append(second.final())
    expect(third.accept([day(9), day(9)], PAGE).records).toHaveLength(0)
  })

  it('recognises a record by its key where it has one, and by content in any order of keys', () => {
    const first = append(null, ['id'])
    first.accept([day(9, { id: 1, v: 1 })], PAGE)
    expect(append(first.final(), ['id']).accept([day(9, { id: 1, v: 2 })], PAGE).records).toEqual(
      [],
    )
    const keyless = append(null)
    keyless.accept([{ at: bookmark(9), a: 1 }], PAGE)
    expect(append(keyless.final()).accept([{ a: 1, at: bookmark(9) }], PAGE).records).toEqual([])
  })

  it('recognises what a later page of an unsorted list brings again, after a newer record', () => {
    for (const key of [[], ['id']]) {
      const first = append(null, key)
      first.accept([day(8, { id: 1 }), day(9, { id: 2 }), day(9, { id: 3 })], PAGE)
      const second = append(first.final(), key)
      expect(second.accept([day(20, { id: 4 })], PAGE).records).toHaveLength(1)
      expect(second.accept([day(9, { id: 2 })], PAGE).records).toEqual([])
      expect(second.accept([day(9, { id: 3 })], PAGE).records).toEqual([])
      expect(Object.keys(second.final()!.seen!)).toEqual([bookmark(20)])
    }
  })

  it('adds a keyed record once that an unsorted list shows twice, with newer ones between', () => {
    const incremental = append(null, ['id'])
    incremental.accept([day(8, { id: 1 })], PAGE)
    incremental.accept([day(20, { id: 2 })], PAGE)
    expect(incremental.accept([day(8, { id: 1 })], PAGE).records).toEqual([])
  })

  it('adds records without a cursor once', () => {
    const first = append(null)
    expect(first.accept([{ at: null, id: 1 }], PAGE).records).toHaveLength(1)
    expect(append(first.final()).accept([{ at: null, id: 1 }], PAGE).records).toHaveLength(0)
  })

  it('remembers what lies behind a capped bookmark', () => {
    const future = { at: '2099-01-01T00:00:00Z' }
    const first = append(null)
    first.accept([future], PAGE)
    expect(append(first.final()).accept([future], PAGE).records).toEqual([])
  })

  it('adds nothing twice where the format is coarser than the cursor', () => {
    const coarse = (state: JsonRecord | null) =>
      start({ format: 'date', param_name: 'since' }, { state, once: true }).incremental
    const records = ['08:00', '12:00', '18:00'].map((hour) => ({ at: `2025-05-09T${hour}:00Z` }))
    let state: JsonRecord | null = null
    const added = []
    for (let run = 0; run < 3; run++) {
      const incremental = coarse(state)
      added.push(incremental.accept(records, PAGE).records.length)
      state = incremental.final()
    }
    expect(added).toEqual([3, 0, 0])
  })

  it('adds nothing twice when the lookback is raised', () => {
    const records = [day(1), day(5), day(9)]
    const first = append(null)
    first.accept(records, PAGE)
    const wider = start({ lookback: 'P30D' }, { state: first.final(), once: true }).incremental
    expect(wider.accept(records, PAGE).records).toEqual([])
    const third = start({ lookback: 'P30D' }, { state: wider.final(), once: true }).incremental
    expect(third.accept([day(4), ...records], PAGE).records).toEqual([day(4)])
  })

  it('adds a keyed record that two pages return once', () => {
    const incremental = append(null, ['id'])
    incremental.accept([day(8, { id: 1 }), day(9, { id: 2 })], PAGE)
    expect(incremental.accept([day(9, { id: 2 }), day(9, { id: 3 })], PAGE).records).toEqual([
      day(9, { id: 3 }),
    ])
  })

  it('takes up a bookmark of another write disposition without adding its last record again', () => {
    const incremental = append({ cursor: bookmark(9) })
    expect(incremental.accept([day(9), day(10)], PAGE).records).toEqual([day(10)])
  })

  it('recognises by content what has no key before it is transformed', () => {
    const first = append(null, ['made_up'])
    first.accept([day(9, { id: 1 })], PAGE)
    expect(
      append(first.final(), ['made_up']).accept([day(9, { id: 2 }), day(9, { id: 1 })], PAGE)
        .records,
    ).toEqual([day(9, { id: 2 })])
  })

  it('forgets what the next run does not read again', () => {
    const first = append(null)
    first.accept([day(8), day(9)], PAGE)
    expect(Object.keys(first.final()!.seen!)).toEqual([bookmark(9)])
  })
})
