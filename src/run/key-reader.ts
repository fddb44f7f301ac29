import { SluiceError } from '../core/errors.ts'
import type { JsonRecord, JsonValue } from '../core/json.ts'
import { toText } from '../core/template.ts'
import type { ParentValues } from '../extract/parents.ts'
import { usedNames } from '../extract/request.ts'
import type { Reread } from '../config/reread.ts'
import type { Begun } from './begun.ts'
import { ROWS_ALONE } from './commit-policy.ts'
import type { RunContext } from './context.ts'
import { asReread } from './list-variant.ts'
import { openPages, type OpenedPages } from './open-pages.ts'
import type { PlannedEndpoint } from './plan.ts'
import { createRange } from './range.ts'
import { createReader } from './reader.ts'
import { readRecords } from './read-records.ts'
import { restarting } from './restarting.ts'
import { warnChangesUnseen } from './unseen.ts'
import type { EndpointWriter } from './writer.ts'

/** Asks for records by their keys, some at a time, and writes what comes in the order in which it was asked for. */
export interface KeyReader extends Begun {
  /** Whether a request takes one key, which need not be that of a record: it may be a list that is asked for. */
  readonly oneByOne: boolean
  /** Asks once enough keys have come together. A key that was added before is not asked for again. */
  add(key: JsonValue): Promise<void>
  /**
   * Asks for the keys that are left. False where an answer may have left records out, so that the keys have to be asked
   * for again.
   */
  finish(): Promise<boolean>
}

/** How the records of some keys were got: `gone` where the API says that there are none such. */
type Outcome = 'whole' | 'gone' | 'refused' | 'doubtful'

/** Keys that are asked for. */
interface Asked {
  readonly keys: readonly JsonValue[]
  readonly opened: OpenedPages
  /** What a status says that `on_status` skips; null where none came. */
  readonly skipped: () => Outcome | null
}

/** Statuses that are about what was asked for, and not about who asks or how often. */
const REFUSALS: ReadonlySet<unknown> = new Set([400, 403, 404, 409, 410, 414, 422])
const GONE: ReadonlySet<unknown> = new Set([404, 410])

export async function createKeyReader(
  { endpoint }: PlannedEndpoint,
  rule: Reread,
  context: RunContext,
  writer: EndpointWriter,
): Promise<KeyReader> {
  const variant = asReread(endpoint, rule)
  const reader = await createReader(variant, context)
  const oneByOne = usedNames(variant).includes('key')
  const size = oneByOne ? 1 : rule.batch
  const isInRange = await createRange({ endpoint }, context)
  const known = new Set<string>()
  const waiting: JsonValue[] = []
  const underWay: Asked[] = []
  const inAdvance = context.ahead ? context.ahead.depth - 1 : 0
  let refused = 0
  let isWhole = true

  /** Records of before the first run's start stay out, but for those that have a row. */
  async function wanted(records: readonly JsonRecord[]): Promise<readonly JsonRecord[]> {
    const outside = records.filter((record) => !isInRange(record))
    const table = context.schemas.get(endpoint.name)?.tables[0]
    if (outside.length === 0 || !table) return records.filter(isInRange)
    const ids = new Map(outside.map((record) => [record, writer.idOf(record) ?? '']))
    const there = await context.dataset.knownRows(table, [...ids.values()])
    return records.filter((record) => {
      const id = ids.get(record)
      return id === undefined || there.has(id)
    })
  }

  function open(keys: readonly JsonValue[]): Asked {
    let skipped: Outcome | null = null
    const onSkip = (status: number) => void (skipped = GONE.has(status) ? 'gone' : 'refused')
    const request = { parent: asParent(keys), bounds: null, maxPages: Infinity, onSkip }
    return { keys, opened: openPages(reader, context, request), skipped: () => skipped }
  }

  async function read({ opened, skipped }: Asked): Promise<Outcome> {
    let isComplete = false
    for await (const page of readRecords(opened, context, { incremental: null })) {
      const records = await wanted(page.records)
      const commit = { ...ROWS_ALONE, latest: true }
      await writer.write({ records, failed: page.failed, others: null }, commit)
      isComplete ||= page.whole
      context.signal.throwIfAborted()
    }
    return skipped() ?? (isComplete ? 'whole' : 'doubtful')
  }

  /** An API may refuse all keys for one of them, so that each is asked for by itself then. */
  async function settle(first: Asked): Promise<void> {
    const { keys } = first
    let asked = first
    const again = async () => void (asked = open(keys))
    const outcome = await restarting(() => read(asked), again).catch((error: unknown) => {
      const status = error instanceof SluiceError ? error.details.status : undefined
      if (!REFUSALS.has(status)) throw error
      return GONE.has(status) ? 'gone' : ('refused' as const)
    })
    if (outcome === 'whole') return
    if (keys.length > 1) {
      for (const key of keys) await settle(open([key]))
    } else if (outcome === 'refused') {
      refused++
    } else if (outcome === 'doubtful') {
      isWhole = false
    }
  }

  /** Asks for what has come together, and settles what was asked for until no more than `most` are under way. */
  async function ask(most: number): Promise<void> {
    if (waiting.length > 0) underWay.push(open(waiting.splice(0)))
    while (underWay.length > most) await settle(underWay.shift()!)
  }

  return {
    oneByOne,
    async add(key) {
      const spelled = toText(key)
      if (known.has(spelled)) return
      known.add(spelled)
      waiting.push(key)
      if (waiting.length >= size) await ask(inAdvance)
    },
    async finish() {
      await ask(0)
      if (refused > 0) {
        const message = `${refused} records that changed were refused when they were asked for by their key`
        warnChangesUnseen(endpoint.name, context, message)
      }
      return isWhole
    },
    async close() {
      await Promise.all(underWay.splice(0).map(({ opened }) => opened.close()))
    },
  }
}

/** Keys reach the request as the values of a parent do. */
function asParent(keys: readonly JsonValue[]): ParentValues {
  const scope = new Map<string, JsonValue>([
    ['keys', [...keys]],
    ['key', keys[0]!],
  ])
  return { mapped: new Map(), scope, included: {}, partition: keys.map(toText).join(', ') }
}
