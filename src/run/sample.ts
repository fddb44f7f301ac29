import { SluiceError } from '../core/errors.ts'
import type { JsonRecord, JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import { parentFields, parentValues, type ParentValues } from '../extract/parents.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'
import type { Read } from '../extract/reads.ts'
import { openIncrementalList } from './incremental-list.ts'
import { openPages, type ReadContext } from './open-pages.ts'
import { createReader } from './reader.ts'
import { readRecords } from './read-records.ts'

/** Pages read at most to find records, where filters or transforms drop what comes. */
const PAGES_TRIED = 5
/** How many parents are tried to find records of a child endpoint. */
const PARENTS_TRIED = 20

/**
 * The first records of an endpoint, transformed, without a bookmark and without writing anything; those of a
 * child endpoint come from the first parents that have any.
 *
 * @param limit at most this many records; reading stops at the page that reaches it
 */
export async function sampleRecords(
  endpoint: ResolvedEndpoint,
  context: ReadContext,
  limit: number,
): Promise<JsonRecord[]> {
  const reader = await createReader(endpoint, context)
  const found: JsonRecord[] = []
  for (const parent of await sampleParents(endpoint, context)) {
    const list = openIncrementalList(endpoint, context, { state: null })
    const read: Read | null = list && { kind: 'first', from: list.bounds.lower, to: null }
    const bounds = read && list!.asked(read)
    const opened = openPages(reader, context, { parent, bounds, maxPages: PAGES_TRIED })
    const incremental = read && list!.start(read, null)
    for await (const { records } of readRecords(opened, context, { incremental })) {
      found.push(...records.slice(0, limit - found.length))
      if (found.length >= limit) return found
    }
  }
  return found
}

async function sampleParents(
  endpoint: ResolvedEndpoint,
  context: ReadContext,
): Promise<readonly (ParentValues | null)[]> {
  const dependency = endpoint.depends_on
  if (!dependency) return [null]
  const parent = context.pipeline.source.endpoints.find(({ name }) => name === dependency.endpoint)
  if (!parent)
    throw new SluiceError('CONFIG_INVALID', `${endpoint.name}: no endpoint ${dependency.endpoint}`)
  const fields = parentFields(endpoint).map((field) => [field, compileGet(field)] as const)
  const records = await sampleRecords(parent, context, PARENTS_TRIED)
  return records
    .map((record) => {
      const values = fields.map(([field, get]): [string, JsonValue] => [field, get(record) ?? null])
      return parentValues(endpoint, new Map(values))
    })
    .filter((values) => values !== null)
}
