import type { IndexedEndpoint } from './checks.ts'
import { checkFeed } from './check-feeds.ts'
import { checkPagination } from './check-pagination.ts'
import { deletesOf, type Snapshot } from './deletes.ts'
import { dispositionOf } from './endpoint.ts'
import type { Path, Problem } from './problem.ts'

/** What an endpoint must be like so that it can be told which of its rows are gone. */
export function checkDeletes(endpoint: IndexedEndpoint, names: readonly string[]): Problem[] {
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
  const isList = typeof config.deletes === 'object' && Array.isArray(config.deletes.from)
  for (const [i, feed] of rules.from.entries()) {
    const at = [...here, 'from', ...(isList ? [i] : [])]
    problems.push(...checkFeed(feed, endpoint, { at, names }))
    if (config.primary_key && config.primary_key.length > 1) {
      say('an event names one key, but the primary_key has several fields', [...at, 'key'])
    }
  }
  if (rules.snapshot) problems.push(...checkSnapshot(rules.snapshot, config, here))
  return problems
}

/** A complete list of keys, read apart from the records. */
function checkSnapshot(
  { json, pagination }: Snapshot,
  { depends_on, method }: IndexedEndpoint['config'],
  deletes: Path,
): Problem[] {
  const here = [...deletes, 'snapshot']
  const problems: Problem[] = []
  if (depends_on) {
    const message =
      'the lists of parents are compared whenever they are read whole: leave `snapshot` out'
    problems.push({ path: here, message })
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
