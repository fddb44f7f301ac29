import type { IndexedEndpoint } from './checks.ts'
import { deletesOf, dispositionOf } from './endpoint.ts'
import type { Path, Problem } from './problem.ts'
import { didYouMean } from './suggest.ts'

/** What an endpoint must be like so that it can be told which of its rows are gone. */
export function checkDeletes(
  { index, config }: IndexedEndpoint,
  names: readonly string[],
): Problem[] {
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
  if (config.incremental?.retention !== undefined && !rules.from) {
    say(
      'an API that keeps records for a time only (incremental.retention) drops old ones that were not deleted, and a comparison can not tell: take deletes from an event feed (from), or keep the rows',
    )
  }
  const { depends_on: dependency } = config
  if (dependency?.only_changed && !rules.from) {
    const mapped = Object.values(dependency.param_mapping)
    if (mapped.length !== 1 || !dependency.include.includes(mapped[0]!)) {
      say(
        `with only_changed, rows have to say which parent they belong to: map one parameter and put its field into include: [${mapped[0]}]`,
      )
    }
  }
  if (rules.from) {
    const { endpoint: feed } = rules.from
    const at = [...here, 'from', 'endpoint']
    if (feed === config.name) say('an endpoint can not be its own event feed', at)
    else if (!names.includes(feed)) {
      say(`no endpoint is called "${feed}"${didYouMean(feed, names)}`, at)
    }
    if (config.primary_key && config.primary_key.length > 1) {
      say('an event names one key, but the primary_key has several fields', [
        ...here,
        'from',
        'key',
      ])
    }
  }
  return problems
}
