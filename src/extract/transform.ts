import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { messageOf, SluiceError } from '../core/errors.ts'
import { isRecord, type JsonRecord, type JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import type { TransformStep } from './config.ts'
import { compileTree, type TemplateScope } from '../core/template.ts'

/**
 * Maps one record to the records that are loaded in its place; the record itself is not changed.
 *
 * @throws TransformFailure
 */
export type Transform = (record: JsonRecord, scope: TemplateScope) => readonly JsonRecord[]

/** What the default export of a transform module may return for a record. */
export type TransformFunction = (record: JsonRecord) => JsonRecord | JsonRecord[] | null | undefined

/** A transform that failed on one record. */
export class TransformFailure extends SluiceError {
  override readonly name = 'TransformFailure'
  /** The record as it came to the step that failed, without the fields that later steps would have dropped. */
  readonly record: JsonRecord

  constructor(cause: SluiceError, record: JsonRecord) {
    super(cause.code, cause.message, { cause, hint: cause.hint, details: cause.details })
    this.record = record
  }
}

interface Step {
  readonly apply: Transform
  /** Whether it only drops fields or keeps some. */
  readonly hides: boolean
}

/**
 * Compiles the steps of an endpoint's `transform`, in order.
 *
 * @param folder where relative module files start: the folder of the source file
 * @throws SluiceError TRANSFORM_FAILED when a module can't be loaded
 */
export async function createTransform(
  configs: readonly TransformStep[],
  { endpoint, folder }: { readonly endpoint: string; readonly folder: string },
): Promise<Transform> {
  const steps: Step[] = []
  for (const config of configs) {
    const hides = 'select' in config || 'exclude' in config
    steps.push({ apply: await compileStep(config, endpoint, folder), hides })
  }
  if (steps.length === 0) return (record) => [record]
  return (record, scope) =>
    steps.reduce<readonly JsonRecord[]>(
      (records, step, at) =>
        records.flatMap((each) => {
          try {
            return step.apply(each, scope)
          } catch (error) {
            if (!(error instanceof SluiceError)) throw error
            throw new TransformFailure(error, hideRest(steps.slice(at + 1), each, scope))
          }
        }),
      [record],
    )
}

/** What an endpoint leaves out it leaves out of rejects, too. */
function hideRest(steps: readonly Step[], record: JsonRecord, scope: TemplateScope): JsonRecord {
  return steps.reduce(
    (hidden, { apply, hides }) => (hides ? (apply(hidden, scope)[0] ?? hidden) : hidden),
    record,
  )
}

async function compileStep(
  step: TransformStep,
  endpoint: string,
  folder: string,
): Promise<Transform> {
  if ('select' in step) return select(new Set(step.select))
  if ('exclude' in step) return exclude(new Set(step.exclude))
  if ('rename' in step) return rename(new Map(Object.entries(step.rename)))
  if ('set' in step) {
    const fields = compileTree(step.set)
    return (record, scope) => [{ ...record, ...(fields(scope) as JsonRecord) }]
  }
  if ('filter' in step) return filter(step.filter)
  return runModule(step.module, endpoint, folder)
}

function select(fields: ReadonlySet<string>): Transform {
  return (record) => [Object.fromEntries(Object.entries(record).filter(([key]) => fields.has(key)))]
}

function exclude(fields: ReadonlySet<string>): Transform {
  return (record) => [
    Object.fromEntries(Object.entries(record).filter(([key]) => !fields.has(key))),
  ]
}

function rename(names: ReadonlyMap<string, string>): Transform {
  return (record) => [
    Object.fromEntries(
      Object.entries(record).map(([key, value]) => [names.get(key) ?? key, value]),
    ),
  ]
}

type FilterValue = JsonValue | { not: JsonValue }

function filter(conditions: Record<string, FilterValue>): Transform {
  const tests = Object.entries(conditions).map(([path, condition]) => {
    const get = compileGet(path)
    const negated = isRecord(condition) && 'not' in condition
    const allowed = negated ? condition.not : condition
    const values = new Set(Array.isArray(allowed) ? allowed : [allowed])
    return (record: JsonRecord) => values.has(get(record) ?? null) !== negated
  })
  return (record) => (tests.every((test) => test(record)) ? [record] : [])
}

async function runModule(module: string, endpoint: string, folder: string): Promise<Transform> {
  const file = resolve(folder, module)
  let run: TransformFunction
  try {
    const loaded = (await import(pathToFileURL(file).href)) as { default?: unknown }
    if (typeof loaded.default !== 'function')
      throw new TypeError('it has no function as its default export')
    run = loaded.default as TransformFunction
  } catch (cause) {
    throw new SluiceError(
      'TRANSFORM_FAILED',
      `${endpoint}: transform module ${file}: ${messageOf(cause)}`,
      {
        cause,
        hint: 'the file must be JavaScript whose default export is a function of one record',
      },
    )
  }
  return (record) => {
    try {
      const result = run(structuredClone(record))
      if (result === null || result === undefined) return []
      const results: readonly unknown[] = Array.isArray(result) ? result : [result]
      const wrong = results.find((each) => !isRecord(each) || each instanceof Promise)
      if (wrong !== undefined) throw new TypeError(`it returned ${describe(wrong)}`)
      return results as JsonRecord[]
    } catch (cause) {
      throw new SluiceError('TRANSFORM_FAILED', `${endpoint}: ${module}: ${messageOf(cause)}`, {
        cause,
      })
    }
  }
}

function describe(result: unknown): string {
  if (result instanceof Promise) return 'a promise: it must not be async'
  return Array.isArray(result) ? 'a list inside a list' : `a ${typeof result}`
}
