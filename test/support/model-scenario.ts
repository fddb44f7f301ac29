import * as fc from 'fast-check'
import { UNITS, type Habits, type Micros } from './model-api.ts'
import {
  drafts,
  habits,
  MINUTE,
  plannedRuns,
  restlessRuns,
  type Draft,
  type PlannedRun,
} from './model-arbitraries.ts'

export interface Incremental {
  readonly lookback: Micros
  readonly window: string | null
  /** Whether the first run begins at a date, and not with everything. */
  readonly start: boolean
  readonly clientSide: boolean
}

/** What becomes of a list in its table. */
export interface Kind {
  readonly write: 'merge' | 'append' | 'replace'
  readonly keyed: boolean
  readonly deletes: 'keep' | 'soft' | 'hard'
  readonly incremental: Incremental | null
}

/** An API, how its source is configured, and all that happens. */
export interface Scenario extends Kind {
  /** How the parents of the list are read, if only those that changed are followed. */
  readonly parents: Incremental | null
  readonly habits: Habits
  /** Whether the source leaves it to Sluice to find out how the API pages. */
  readonly detected: boolean
  readonly initial: readonly Draft[]
  readonly runs: readonly PlannedRun[]
}

const incremental: fc.Arbitrary<Incremental> = fc.record({
  lookback: fc.constantFrom(0, 5 * MINUTE, 60 * MINUTE),
  window: fc.constantFrom(null, null, 'PT20M', 'PT1H', 'P1D'),
  start: fc.boolean(),
  clientSide: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
})

const keptInFull = { keyed: true, incremental: null } as const

export const MERGED: fc.Arbitrary<Kind> = incremental.map((own) => ({
  write: 'merge',
  keyed: true,
  deletes: 'keep',
  incremental: own,
}))
export const APPENDED: fc.Arbitrary<Kind> = fc
  .tuple(fc.boolean(), incremental)
  .map(([keyed, own]) => ({ write: 'append', keyed, deletes: 'keep', incremental: own }))
export const IN_FULL: fc.Arbitrary<Kind> = fc.oneof(
  fc
    .constantFrom<Kind['deletes']>('keep', 'soft', 'hard')
    .map((deletes): Kind => ({ ...keptInFull, write: 'merge', deletes })),
  fc
    .boolean()
    .map((keyed): Kind => ({ write: 'replace', keyed, deletes: 'keep', incremental: null })),
  // Sluice filters what the API can't, and sees all of it every time.
  fc
    .tuple(fc.constantFrom<Kind['deletes']>('soft', 'hard'), incremental)
    .map(([deletes, own]): Kind => ({
      ...keptInFull,
      write: 'merge',
      deletes,
      incremental: { ...own, clientSide: true },
    })),
)

/** Children, and how their parents are read. */
export const CHILDREN: fc.Arbitrary<Kind & Pick<Scenario, 'parents'>> = fc
  .tuple(fc.oneof(MERGED, APPENDED, IN_FULL), fc.option(incremental, { freq: 2 }))
  .map(([kind, parents]) => ({ ...kind, parents: kind.write === 'merge' ? parents : null }))

/** A list that is counted through while it changes, and of which nothing is read again but what is newer. */
export function shiftingScenarios(): fc.Arbitrary<Scenario> {
  const kind = MERGED.map((own) => ({
    ...own,
    incremental: { ...own.incremental!, lookback: 0, window: null, clientSide: false },
  }))
  const counted = habits.map((own): Habits => ({
    ...own,
    // Of pages by number, a total alone tells that they shift.
    ...(own.paginator === 'offset' ? { paginator: 'offset' } : { paginator: 'page', end: 'total' }),
    limit: 2 + (own.limit % 2),
    clamp: null,
    oddOffsets: 'taken',
  }))
  return scenarios(kind, { habits: counted, runs: restlessRuns })
}

export function scenarios(
  kind: fc.Arbitrary<Kind & Partial<Pick<Scenario, 'parents'>>>,
  own: { readonly habits: fc.Arbitrary<Habits>; readonly runs: typeof plannedRuns } = {
    habits,
    runs: plannedRuns,
  },
): fc.Arbitrary<Scenario> {
  return fc.constantFrom<'text' | 'number'>('text', 'number').chain((ids) => {
    const draft = drafts(ids)
    return fc
      .record({
        kind,
        habits: own.habits,
        detected: fc.boolean(),
        initial: fc.array(draft, { maxLength: 16, size: 'max' }),
        runs: own.runs(draft),
      })
      .map(({ kind: chosen, ...rest }) => narrow({ parents: null, ...chosen, ...rest }))
  })
}

/** Leaves out what no reader could notice, and what contradicts itself. */
function narrow(wide: Scenario): Scenario {
  const { keyed, write, detected } = wide
  const incremental = narrowIncremental(wide.incremental)
  const parents = narrowIncremental(wide.parents)
  const own = narrowHabits(wide.habits, { keyed, reads: [incremental, parents] })
  const readsAll = incremental === null && parents === null
  const duringOf = (run: PlannedRun) => {
    // Whoever adds a record once has to know it again, by its place if it has no key; merging needs no such thing.
    if (write === 'append') return []
    return readsAll ? run.during : noticed(own, run.during)
  }
  return {
    ...wide,
    incremental,
    parents,
    habits: own,
    detected: detected && ['cursor', 'next_url', 'link_header'].includes(own.paginator),
    runs: wide.runs.map((run) => ({ ...run, during: duringOf(run) })),
  }
}

function narrowIncremental(wide: Incremental | null): Incremental | null {
  return wide?.clientSide ? { ...wide, window: null, start: false } : wide
}

interface Reading {
  readonly keyed: boolean
  readonly reads: readonly (Incremental | null)[]
}

function narrowHabits(wide: Habits, { keyed, reads }: Reading): Habits {
  const own: { -readonly [K in keyof Habits]: Habits[K] } = { ...wide }
  if (!keyed) {
    // Of two records that are alike, neither names a place between them.
    if (own.paginator === 'keyset') own.paginator = 'offset'
    if (own.token === 'live') own.token = 'snapshot'
    own.limit = Math.max(3, own.limit)
    own.clamp = own.clamp && Math.max(3, own.clamp)
  }
  if (own.paginator === 'keyset') {
    own.sort = 'id'
    if (own.end === 'total') own.end = 'has_more'
    // A short page is the last, unless a limit of the API's own made it so, and that is a round number.
    if (own.end === 'silent') own.clamp = own.clamp && 5
  }
  if (own.paginator !== 'offset') own.oddOffsets = 'taken'
  if (own.oddOffsets !== 'taken') own.clamp = null
  const canSplit =
    own.paginator === 'offset' &&
    own.oddOffsets === 'taken' &&
    reads.every((read) => read === null || read.window !== null) &&
    reads.some((read) => read !== null) &&
    UNITS[own.format] <= UNITS.epoch_ms &&
    !own.ignoresStart &&
    !own.ignoresEnd
  if (!canSplit) own.cap = null
  // Sorted newest first, reading ends where the old ones begin: what has no time must not come after them.
  const readsOld = own.ignoresStart || reads.some((read) => read?.clientSide)
  if (own.sort === 'desc' && readsOld) own.nulls = 'first'
  return own
}

/** Of the changes in the middle of a walk, those that can be noticed. */
function noticed(own: Habits, during: PlannedRun['during']): PlannedRun['during'] {
  const { paginator, oddOffsets, limit, clamp, end, sort, token } = own
  if (paginator === 'keyset') return during
  if (paginator !== 'offset' && paginator !== 'page') return token === 'counted' ? [] : during
  const overlaps = paginator === 'offset' && oddOffsets === 'taken'
  if (overlaps && Math.min(limit, clamp ?? limit) > 1) return during
  if (end !== 'total') return []
  // A total tells that records have come or gone, but neither that two changes cancel out nor that one moved to the end.
  const isFirst = (at: number) =>
    during.findIndex((each) => each.request === during[at]!.request) === at
  return during.filter(
    ({ mutation }, at) => isFirst(at) && (sort !== 'asc' || mutation.kind !== 'edit'),
  )
}

/** The keys of an endpoint that reads a list of the API into a table. */
export function endpointKeys(scenario: Scenario): object {
  const { habits: own, incremental: inc, write, keyed, deletes } = scenario
  return {
    data_selector: 'data',
    write_disposition: write,
    ...(keyed && { primary_key: 'id' }),
    ...(deletes !== 'keep' && { deletes, max_delete_ratio: 1 }),
    ...(!scenario.detected && { pagination: paginationOf(own) }),
    ...(inc && {
      incremental: {
        cursor_path: 'at',
        format: own.format,
        order: own.sort === 'id' ? 'none' : own.sort,
        lookback: `${inc.lookback / 1000}ms`,
        ...(inc.clientSide
          ? { client_side: true }
          : { param_name: 'from', inclusive: !own.exclusiveStart }),
        ...(inc.window && { end_param_name: 'to', window: { size: inc.window, min: '1ms' } }),
      },
    }),
  }
}

function paginationOf({ paginator: type, limit, end, oddOffsets }: Habits): object {
  const counted = { type, limit, ...(end === 'total' && { total_path: 'total' }) }
  switch (type) {
    case 'offset': {
      // After a short page there is no multiple of the limit left to ask for.
      const isShort = oddOffsets !== 'taken' && end === 'silent'
      return { ...counted, offset_param: 'skip', ...(isShort && { stop_on_short_page: true }) }
    }
    case 'page':
      return { ...counted, ...(end === 'total' && { total_pages_path: 'pages' }) }
    case 'cursor':
      return { type, limit, cursor_path: 'next_cursor' }
    case 'keyset':
      return { type, limit, param: 'after', field: 'id' }
    default:
      return { type }
  }
}
