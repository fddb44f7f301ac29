import { templateNames } from '../core/template.ts'
import type { IndexedEndpoint } from './checks.ts'
import { deletesOf, type Feed } from './deletes.ts'
import { dispositionOf } from './endpoint.ts'
import type { Path, Problem } from './problem.ts'
import { rereadsOf } from './reread.ts'
import { didYouMean } from './suggest.ts'

/** What an event feed must be like that names records of this endpoint. */
export function checkFeed(
  { endpoint: feed }: Feed,
  { config }: IndexedEndpoint,
  { at, names }: { readonly at: Path; readonly names: readonly string[] },
): Problem[] {
  const path = [...at, 'endpoint']
  if (feed === config.name) return [{ path, message: 'an endpoint can not be its own event feed' }]
  if (names.includes(feed)) return []
  return [{ path, message: `no endpoint is called "${feed}"${didYouMean(feed, names)}` }]
}

/** What an endpoint must be like whose records are read again by their key. */
export function checkRereads(endpoint: IndexedEndpoint, names: readonly string[]): Problem[] {
  const { index, config } = endpoint
  const here: Path = ['endpoints', index, 'reread']
  const isList = Array.isArray(config.reread)
  const problems: Problem[] = []
  const say = (message: string, path: Path = here) => problems.push({ path, message })
  const rereads = rereadsOf(config)
  if (rereads.length === 0) return []
  if (dispositionOf(config) !== 'merge' || config.primary_key?.length !== 1) {
    say('records are read again by their key: that needs `merge` and a primary_key of one field')
  }
  if (config.depends_on) {
    say('a list of a parent can not be asked for records by their key alone: leave `reread` out')
  }
  for (const [i, reread] of rereads.entries()) {
    const at = isList ? [...here, i] : here
    if (reread.from !== 'snapshot') {
      problems.push(...checkFeed(reread.from, endpoint, { at: [...at, 'from'], names }))
    } else if (!deletesOf(config)?.snapshot) {
      say('there is no snapshot: it is one of the keys of `deletes`', [...at, 'from'])
    }
    const used = [...templateNames({ ...reread.params }), ...templateNames(reread.json ?? null)]
    if (!used.includes('key') && !used.includes('keys')) {
      say(
        'nothing asks for a key: put {keys}, or {key} for one at a time, into `params` or `json`',
        at,
      )
    }
    if (reread.json !== undefined && config.method !== 'POST') {
      say('a GET has no body; add method: POST', [...at, 'json'])
    }
  }
  return problems
}
