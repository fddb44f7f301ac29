import * as fc from 'fast-check'
import type { JsonRecord, JsonValue } from '../../src/core/json.ts'
import type { Habits, Id, Micros } from './model-api.ts'
import { cleaned } from './model-rows.ts'

/** What a record is made of; `age` is how long before the world's beginning it changed last. */
export interface Draft {
  readonly id: Id
  readonly age: Micros | null
  readonly spelling: number
  readonly fields: JsonRecord
}

/** Something that happens to a list. */
export interface Mutation {
  readonly kind: 'insert' | 'late' | 'edit' | 'delete'
  /** Which list, and which of its records, each modulo how many there are. */
  readonly list: number
  readonly pick: number
  readonly draft: Draft
  /** How much time passes before. */
  readonly wait: Micros
  /** How late a late record is, as a share of the lookback. */
  readonly late: number
}

/** One run, and what happens before and during it. */
export interface PlannedRun {
  readonly before: readonly Mutation[]
  /** By the number of the request before whose answer they happen. */
  readonly during: readonly { readonly request: number; readonly mutation: Mutation }[]
  /** What cuts the run short at a request; `pages` is the limit of a sync. */
  readonly cut: { readonly how: (typeof CUTS)[number]; readonly request: number } | null
  readonly fullRefresh: boolean
}

const CUTS = ['abort', 'status', 'reset', 'truncated', 'pages'] as const
const SECOND = 1e6
export const MINUTE = 60 * SECOND

/** Texts that have broken loaders: quotes, escapes of COPY, what looks like another type, and Unicode's corners. */
const NASTY = [
  '',
  ' ',
  '\\N',
  '\\.',
  '\\',
  '\t\n\r',
  '"',
  "'; drop table items; --",
  'NULL',
  'null',
  '{}',
  '[1,2]',
  '007',
  '1e3',
  'NaN',
  'true',
  'a\0b',
  '\ud800',
  'é',
  'e\u0301',
  '\u{1f600}\u200d',
  '\u2028',
  '%2F/..',
  '$1',
  'x'.repeat(3000),
]

const text = fc
  .oneof(
    fc.constantFrom(...NASTY),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
  )
  // A text that looks like a date is one, and is written as one.
  .filter((value) => !/^\d{4}-\d\d/.test(cleaned(value)))

/** Integers beyond 2^53 are in a field of their own: with doubles they meet in decimals, spelled as the database does. */
const integer64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const scalar: fc.Arbitrary<JsonValue> = fc.oneof(
  text,
  fc.maxSafeInteger(),
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
  fc.boolean(),
  fc.constant(null),
)

const part: fc.Arbitrary<JsonRecord> = fc.record(
  { name: text, amount: scalar, marks: fc.array(text, { maxLength: 2 }) },
  { requiredKeys: [] },
)

const fields: fc.Arbitrary<JsonRecord> = fc.record(
  {
    n: fc.integer({ min: 0, max: 3 }),
    text,
    big: integer64,
    any: fc.oneof(
      scalar,
      fc.record({ a: scalar }),
      fc.array(scalar, { maxLength: 3 }),
      fc.array(part, { maxLength: 2 }),
    ),
    tags: fc.array(fc.oneof(text, fc.constant(null)), { maxLength: 3 }),
    parts: fc.array(part, { maxLength: 3 }),
  },
  { requiredKeys: [] },
)

/** Few instants, so that many records share one, and such as differ by less than a format can tell. */
const age: fc.Arbitrary<Micros> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 2, SECOND, SECOND + 1, 30 * MINUTE, 90 * MINUTE) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 120 * MINUTE }) },
  { weight: 1, arbitrary: fc.constant(-24 * 60 * MINUTE) },
)

/** Ids that are hard to tell apart, few enough to be met again. */
const textIds = fc.oneof(
  fc.constantFrom('a', 'A', 'á', 'a\u0301', 'a ', 'b', 'b/c', '%62', '1', '01', "'", '"', '\\N'),
  text.filter(
    (value) =>
      value.trim() !== '' && !/^\.+$/.test(value) && cleaned(value) === value && value.length < 100,
  ),
)
const numberIds = fc.oneof(
  fc.integer({ min: -3, max: 20 }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 53n + 9n }),
)

export const drafts = (ids: 'text' | 'number'): fc.Arbitrary<Draft> =>
  fc.record({
    id: ids === 'text' ? textIds : numberIds,
    age: fc.oneof({ weight: 6, arbitrary: age }, { weight: 1, arbitrary: fc.constant(null) }),
    spelling: fc.nat(4),
    fields,
  })

const mutations = (draft: fc.Arbitrary<Draft>): fc.Arbitrary<Mutation> =>
  fc.record({
    kind: fc.constantFrom('insert', 'late', 'edit', 'edit', 'delete', 'delete'),
    list: fc.nat(9),
    pick: fc.nat(30),
    draft,
    wait: fc.constantFrom(0, 0, 1, SECOND, 3 * MINUTE),
    late: fc.double({ noNaN: true, min: 0, max: 1 }),
  })

const request = fc.constantFrom(1, 2, 2, 3, 3, 4, 5, 6, 8)

export const plannedRuns = (draft: fc.Arbitrary<Draft>): fc.Arbitrary<readonly PlannedRun[]> => {
  const mutation = mutations(draft)
  return fc.array(
    fc.record({
      before: fc.array(mutation, { maxLength: 4 }),
      during: fc.oneof(
        fc.constant([]),
        fc.array(fc.record({ request, mutation }), { minLength: 1, maxLength: 6, size: 'max' }),
      ),
      cut: fc.option(fc.record({ how: fc.constantFrom(...CUTS), request }), { freq: 2 }),
      fullRefresh: fc.oneof(
        { weight: 9, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
}

/** Runs that go through, while the list changes under them. */
export const restlessRuns = (draft: fc.Arbitrary<Draft>): fc.Arbitrary<readonly PlannedRun[]> => {
  const change = fc.record({ request, mutation: mutations(draft) })
  const during = fc.array(change, { minLength: 1, maxLength: 6, size: 'max' })
  const run = during.map((own): PlannedRun => ({ ...UNDISTURBED, during: own }))
  return fc.array(run, { minLength: 1, maxLength: 2 })
}

export const UNDISTURBED: PlannedRun = { before: [], during: [], cut: null, fullRefresh: false }

export const habits: fc.Arbitrary<Habits> = fc.record({
  paginator: fc.constantFrom(
    'offset',
    'offset',
    'offset',
    'page',
    'cursor',
    'keyset',
    'next_url',
    'link_header',
  ),
  token: fc.constantFrom('live', 'snapshot', 'counted'),
  limit: fc.constantFrom(1, 2, 2, 3, 3, 4, 5, 6, 7),
  clamp: fc.option(fc.integer({ min: 1, max: 7 }), { freq: 3 }),
  end: fc.constantFrom('has_more', 'total', 'silent'),
  sort: fc.constantFrom('asc', 'desc', 'id'),
  nulls: fc.constantFrom('first', 'last'),
  format: fc.constantFrom('iso', 'iso', 'epoch_ms', 'epoch', 'yyyy-MM-dd HH:mm:ss', 'date'),
  exclusiveStart: fc.boolean(),
  inclusiveEnd: fc.boolean(),
  ignoresStart: rarely(),
  ignoresEnd: rarely(),
  oddOffsets: fc.constantFrom('taken', 'taken', 'refused', 'floored'),
  cap: fc.constantFrom(null, null, 14),
  skew: fc.constantFrom(0, 0, -4 * MINUTE, 4 * MINUTE, -400_000),
  latency: fc.constantFrom(0, 1, 300_000, 1_500_000),
})

function rarely(): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: 5 }).map((n) => n === 5)
}
