import type { JsonRecord, JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import { toText } from '../core/template.ts'
import { planBounds } from '../extract/bounds.ts'
import { comparePositions, createCursor, type Position } from '../extract/cursor.ts'
import { doneRanges } from '../extract/ledger.ts'
import type { ParentValues } from '../extract/parents.ts'
import { usedNames } from '../extract/request.ts'
import { isWithin } from '../extract/windows.ts'
import type { Reread } from '../config/reread.ts'
import { ROWS_ALONE } from './commit-policy.ts'
import type { RunContext } from './context.ts'
import { ledgerOf } from './ledger.ts'
import { asReread } from './list-variant.ts'
import type { PlannedEndpoint } from './plan.ts'
import { createReader, type Reader } from './reader.ts'
import { readRecords } from './read-records.ts'
import type { EndpointWriter } from './writer.ts'

/** Asks for records by their keys, some at a time, and writes what comes. */
export interface KeyReader {
  /** Asks once enough keys have come together. A key that was added before is not asked for again. */
  add(key: JsonValue): Promise<void>
  /** Asks for the keys that are left. */
  finish(): Promise<void>
}

export async function createKeyReader(
  { endpoint }: PlannedEndpoint,
  rule: Reread,
  context: RunContext,
  writer: EndpointWriter,
): Promise<KeyReader> {
  const variant = asReread(endpoint, rule)
  const reader: Reader = await createReader(variant, context)
  const size = usedNames(variant).includes('key') ? 1 : rule.batch
  const isInRange = await createRange({ endpoint }, context)
  const asked = new Set<string>()
  const waiting: JsonValue[] = []

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

  async function ask(): Promise<void> {
    const keys = waiting.splice(0)
    if (keys.length === 0) return
    const pages = readRecords(reader, context, {
      parent: asParent(keys),
      incremental: null,
      maxPages: Infinity,
    })
    for await (const { records, failed } of pages) {
      await writer.write({ records: await wanted(records), failed, others: null }, ROWS_ALONE)
      context.signal.throwIfAborted()
    }
  }

  return {
    async add(key) {
      const spelled = toText(key)
      if (asked.has(spelled)) return
      asked.add(spelled)
      waiting.push(key)
      if (waiting.length >= size) await ask()
    },
    finish: ask,
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

/** Whether a record lies where the pipeline reads: from the start of its first run on, and what was backfilled. */
export async function createRange(
  { endpoint }: Pick<PlannedEndpoint, 'endpoint'>,
  { dataset, pipeline }: RunContext,
): Promise<(record: JsonRecord) => boolean> {
  const { name, incremental: config } = endpoint
  if (!config) return () => true
  const cursor = createCursor(config.format)
  const state = await dataset.bookmark(name, '')
  const { startDate } = pipeline
  const { since } = planBounds(cursor, config, { endpoint: name, state, startDate })
  if (since === null) return () => true
  const backfilled = doneRanges(ledgerOf(cursor, await dataset.windows(name), ''))
  const get = compileGet(config.cursor_path)
  return (record) => {
    let position: Position | null
    try {
      position = cursor.position(get(record))
    } catch {
      return true
    }
    if (position === null || comparePositions(position, since) >= 0) return true
    return backfilled.some((window) => isWithin(position, window))
  }
}
