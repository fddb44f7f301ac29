import type { IndexedEndpoint } from './checks.ts'
import { checkFeed, deleteFeeds } from './check-feeds.ts'
import { checkPagination } from './check-pagination.ts'
import { deletesOf, type Snapshot } from './deletes.ts'
import { dispositionOf } from './endpoint.ts'
import type { Path, Problem } from './problem.ts'

/** What an endpoint must be like so that it can be told which of its rows are gone. */
export function checkDeletes(
  endpoint: IndexedEndpoint,
  endpoints: readonly IndexedEndpoint[],
  names: readonly string[],
): Problem[] {
  const { index, config } = endpoint
  const rules = deletesOf(config)
  if (!rules) return []
  const here: Path = ['endpoints', index, 'deletes']
  const problems: Problem[] = []
  const say = (message: string, path: Path = here) => problems.push({ path, message })
  if (dispositionOf(config) !== 'merge') {
    say(
      'deletes need `merge` (a primary_key): a replaced table drops what is gone anyway, and rows that are appended stay',
    )
  }
  if (config.incremental?.retention !== undefined && rules.from.length === 0) {
    say(
      'an API that keeps records for a time only (incremental.retention) drops old ones that were not deleted, and a comparison can not tell: take deletes from an event feed (from), or keep the rows',
    )
  }
  const { depends_on: dependency } = config
  if (dependency?.only_changed && rules.from.length === 0) {
    const mapped = Object.values(dependency.param_mapping)
    if (mapped.length !== 1 || !dependency.include.includes(mapped[0]!)) {
      say(
        `with only_changed, rows have to say which parent they belong to: map one parameter and put its field into include: [${mapped[0]}]`,
      )
    }
  }
  for (const feed of deleteFeeds(endpoint)) {
    problems.push(...checkFeed(feed, endpoint, endpoints, names))
    if (config.primary_key && config.primary_key.length > 1) {
      say('an event names one key, but the primary_key has several fields', [...feed.at, 'key'])
    }
  }
  problems.push(...checkRatio(endpoint, here))
  if (rules.snapshot) problems.push(...checkSnapshot(rules.snapshot, config, here))
  return problems
}

/** Where nothing but events tells what is gone, no share of the rows is known to go at once. */
function checkRatio({ config }: IndexedEndpoint, deletes: Path): Problem[] {
  if (typeof config.deletes !== 'object' || config.deletes.max_delete_ratio === undefined) return []
  const { from, snapshot } = config.deletes
  const isCompared = from === undefined || snapshot !== undefined
  if (isCompared || config.incremental?.retention === undefined) return []
  const message =
    'this does not apply to events, and with incremental.retention nothing else tells what is gone: leave it out'
  return [{ path: [...deletes, 'max_delete_ratio'], message }]
}

/** A complete list of keys, read apart from the records. */
function checkSnapshot(
  { json, pagination }: Snapshot,
  config: IndexedEndpoint['config'],
  deletes: Path,
): Problem[] {
  const here = [...deletes, 'snapshot']
  const problems: Problem[] = []
  const { depends_on, method, incremental } = config
  if (depends_on) {
    const message =
      'the lists of parents are compared whenever they are read whole: leave `snapshot` out'
    problems.push({ path: here, message })
  }
  const goesOn = incremental?.order === 'asc' || incremental?.window !== undefined
  if ((config.max_pages ?? config.pagination.max_pages) !== undefined && !goesOn) {
    const message =
      'a snapshot is taken once the list has been read to its end, which `max_pages` keeps it from: leave one of them out, or have the list go on in the next run (incremental.order: asc, or a window)'
    problems.push({ path: here, message })
  }
  if (pagination?.max_pages !== undefined) {
    const message = 'a part of the list tells nothing of what is gone: leave `max_pages` out'
    problems.push({ path: [...here, 'pagination', 'max_pages'], message })
  }
  if (method !== 'POST' && json !== undefined) {
    problems.push({ path: [...here, 'json'], message: 'a GET has no body; add method: POST' })
  }
  if (method !== 'POST' && pagination && 'in' in pagination && pagination.in === 'body') {
    const message = 'a GET has no body; add method: POST'
    problems.push({ path: [...here, 'pagination', 'in'], message })
  }
  if (pagination) problems.push(...checkPagination(pagination, [...here, 'pagination']))
  return problems
}
