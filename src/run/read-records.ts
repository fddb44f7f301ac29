import type { JsonRecord } from '../core/json.ts'
import type { TemplateScope } from '../core/template.ts'
import type { Incremental } from '../extract/incremental.ts'
import type { ParentValues } from '../extract/parents.ts'
import { TransformFailure } from '../extract/transform.ts'
import type { OpenedPages, ReadContext } from './open-pages.ts'
import type { Reader } from './reader.ts'
import type { FailedRecord } from './writer.ts'

/** One page's records as they are to be loaded. */
export interface RecordsPage {
  readonly records: readonly JsonRecord[]
  /** Records that a transform failed on. */
  readonly failed: readonly FailedRecord[]
  /** Records that are there but not to be loaded, where that was asked for. */
  readonly others: readonly JsonRecord[]
  /** Whether nothing is left to read after this page. */
  readonly complete: boolean
  /** Whether, besides, nothing suggests that the API left something out. */
  readonly whole: boolean
  /** Whether a shift of the list would have been noticed. */
  readonly watched: boolean
  /** The bookmark that may be committed once this page is; null for none. */
  readonly state: JsonRecord | null
  /** Length of the response. */
  readonly bytes: number
}

export interface ReadOptions {
  /** Null for an endpoint without a cursor. */
  readonly incremental: Incremental | null
  /** Whether records that are not to be loaded are wanted, too. */
  readonly withOthers?: boolean
  /** Whether the records are keys alone, which nobody counts. */
  readonly keysAlone?: boolean
}

/** The pages of one walk of a list, after the incremental filter and the transforms, each with its bookmark. */
export async function* readRecords(
  opened: OpenedPages,
  context: Pick<ReadContext, 'emit'>,
  options: ReadOptions,
): AsyncGenerator<RecordsPage> {
  const { reader, parent, scope } = opened
  const { endpoint } = reader
  const { incremental } = options
  // What an API can't filter is read to its end where all of it is wanted, however old.
  const readsToTheEnd = options.withOthers === true && endpoint.incremental?.client_side === true
  let byNumber = false
  for await (const page of opened.pages) {
    byNumber ||= page.byNumber
    context.emit({
      type: 'page',
      endpoint: endpoint.name,
      index: page.index,
      records: options.keysAlone ? 0 : page.records.length,
      total: page.total,
    })
    if (page.nulsRemoved > 0) {
      const values = `${page.nulsRemoved} values`
      warn(context, endpoint.name, 'NUL_REMOVED', `removed the NUL characters of ${values}`)
    }
    const accepted = incremental?.accept(page.records, page)
    const complete = page.last || (accepted?.exhausted === true && !readsToTheEnd)
    const whole = opened.isWhole()
    const state = (complete ? finalState(incremental, whole) : incremental?.progress()) ?? null
    const loaded = accepted?.records ?? page.records
    const others = options.withOthers ? without(page.records, loaded) : []
    const { records, failed } = prepare(loaded, reader, parent, scope)
    const rest = prepare(others, reader, parent, scope)
    yield {
      records,
      failed,
      others: [...rest.records, ...rest.failed.map(({ record }) => record)],
      complete,
      whole: complete && whole,
      // Where one record goes and another comes, the total that tells of a shift stays as it was.
      watched: opened.isWatched() && !byNumber,
      state,
      bytes: page.bytes,
    }
    if (complete) break
  }
  const missing = incremental?.missing() ?? 0
  if (missing > 0) {
    const { cursor_path, on_missing } = endpoint.incremental!
    const action = on_missing === 'skip' ? 'skipped' : 'loaded'
    const message = `${missing} records without ${cursor_path} were ${action}`
    warn(context, endpoint.name, 'CURSOR_MISSING', message)
  }
}

/** A list that lacks records is read again from where this read began, unless what is lacking can only be at its end. */
function finalState(incremental: Incremental | null, whole: boolean): JsonRecord | null {
  return whole || incremental?.isAscending() ? (incremental?.final() ?? null) : null
}

/** The records that are not among some of them. */
function without(
  records: readonly JsonRecord[],
  some: readonly JsonRecord[],
): readonly JsonRecord[] {
  if (some.length === records.length) return []
  const known = new Set(some)
  return records.filter((record) => !known.has(record))
}

/** So many records at least that all fail show that it is the transform that is wrong, and not they. */
const ALL_WRONG = 5

/** Adds what the parent gives, and transforms. A transform that fails on one record keeps no other back. */
function prepare(
  records: readonly JsonRecord[],
  { transform, endpoint }: Reader,
  parent: ParentValues | null,
  scope: TemplateScope,
): { readonly records: readonly JsonRecord[]; readonly failed: readonly FailedRecord[] } {
  const own = parent ? records.map((record) => ({ ...record, ...parent.included })) : records
  if (endpoint.transform.length === 0) return { records: own, failed: [] }
  const failures: TransformFailure[] = []
  const transformed = own.flatMap((record) => {
    try {
      return transform(record, scope)
    } catch (error) {
      if (!(error instanceof TransformFailure)) throw error
      failures.push(error)
      return []
    }
  })
  if (failures.length >= ALL_WRONG && failures.length === own.length) throw failures[0]!
  const failed = failures.map(({ message, record }) => ({ reason: message, record }))
  return { records: transformed, failed }
}

function warn(
  context: Pick<ReadContext, 'emit'>,
  endpoint: string,
  code: string,
  message: string,
): void {
  context.emit({ type: 'warning', endpoint, code, message })
}
