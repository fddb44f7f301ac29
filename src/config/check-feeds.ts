import { templateNames } from '../core/template.ts'
import type { IndexedEndpoint } from './checks.ts'
import type { Need } from './circles.ts'
import { deletesOf, type Feed } from './deletes.ts'
import { dispositionOf } from './endpoint.ts'
import { piiProblem } from './pii.ts'
import type { Path, Problem } from './problem.ts'
import { rereadsOf } from './reread.ts'
import { didYouMean } from './suggest.ts'

/** A rule of an endpoint by which events name its records, and where it stands. */
export interface PlacedFeed {
  readonly feed: Feed
  readonly at: Path
}

/** The feeds that an endpoint takes deletes from. */
export function deleteFeeds({ index, config }: IndexedEndpoint): PlacedFeed[] {
  const here: Path = ['endpoints', index, 'deletes', 'from']
  const isList = typeof config.deletes === 'object' && Array.isArray(config.deletes.from)
  const feeds = deletesOf(config)?.from ?? []
  return feeds.map((feed, i) => ({ feed, at: isList ? [...here, i] : here }))
}

/** The feeds by which records of an endpoint are read again. */
function rereadFeeds(endpoint: IndexedEndpoint): PlacedFeed[] {
  return rereadsOf(endpoint.config).flatMap(({ from }, i) =>
    from === 'snapshot' ? [] : [{ feed: from, at: [...placeOfReread(endpoint, i), 'from'] }],
  )
}

function placeOfReread({ index, config }: IndexedEndpoint, position: number): Path {
  const here: Path = ['endpoints', index, 'reread']
  return Array.isArray(config.reread) ? [...here, position] : here
}

/** That an endpoint is read after the feeds that are about it. */
export function feedNeeds(endpoint: IndexedEndpoint): Need[] {
  const { name: from } = endpoint.config
  return [...deleteFeeds(endpoint), ...rereadFeeds(endpoint)].flatMap(({ feed, at }) =>
    // One that is its own feed is told so where its feeds are checked.
    feed.endpoint === from ? [] : [{ from, to: feed.endpoint, path: [...at, 'endpoint'] }],
  )
}

/** What an event feed must be like that names records of this endpoint. */
export function checkFeed(
  { feed, at }: PlacedFeed,
  { config }: IndexedEndpoint,
  endpoints: readonly IndexedEndpoint[],
  names: readonly string[],
): Problem[] {
  const { endpoint: name, where, key } = feed
  const path = [...at, 'endpoint']
  if (name === config.name) return [{ path, message: 'an endpoint can not be its own event feed' }]
  if (!names.includes(name)) {
    return [{ path, message: `no endpoint is called "${name}"${didYouMean(name, names)}` }]
  }
  const source = endpoints.find((other) => other.config.name === name)?.config
  if (!source) return []
  const fields: readonly (readonly [Path, string])[] = [
    ...Object.keys(where).map((field) => [[...at, 'where', field], field] as const),
    [[...at, 'key'], key],
  ]
  return fields.flatMap(([place, field]) => {
    const message = piiProblem(source, field)
    return message === null ? [] : [{ path: place, message }]
  })
}

/** What an endpoint must be like whose records are read again by their key. */
export function checkRereads(
  endpoint: IndexedEndpoint,
  endpoints: readonly IndexedEndpoint[],
  names: readonly string[],
): Problem[] {
  const { index, config } = endpoint
  const rereads = rereadsOf(config)
  if (rereads.length === 0) return []
  const here: Path = ['endpoints', index, 'reread']
  const problems = rereadFeeds(endpoint).flatMap((feed) =>
    checkFeed(feed, endpoint, endpoints, names),
  )
  const say = (message: string, path: Path = here) => problems.push({ path, message })
  if (dispositionOf(config) !== 'merge' || config.primary_key?.length !== 1) {
    say('records are read again by their key: that needs `merge` and a primary_key of one field')
  }
  if (config.depends_on) {
    say('a list of a parent can not be asked for records by their key alone: leave `reread` out')
  }
  const ofSnapshot = rereads.findIndex(({ from }) => from === 'snapshot')
  for (const [i, { from, params, json }] of rereads.entries()) {
    const at = placeOfReread(endpoint, i)
    if (from === 'snapshot' && !deletesOf(config)?.snapshot) {
      say('there is no snapshot: it is one of the keys of `deletes`', [...at, 'from'])
    } else if (from === 'snapshot' && i !== ofSnapshot) {
      say(`reread[${ofSnapshot}] reads what the snapshot names already: leave one of the two out`, [
        ...at,
        'from',
      ])
    }
    const used = [...templateNames({ ...params }), ...templateNames(json ?? null)]
    if (!used.includes('key') && !used.includes('keys')) {
      say(
        'nothing asks for a key: put {keys}, or {key} for one at a time, into `params` or `json`',
        at,
      )
    }
    if (used.includes('key') && [config.reread].flat()[i]!.batch !== undefined) {
      say('a request with {key} asks for one key: put {keys} there, or leave `batch` out', [
        ...at,
        'batch',
      ])
    }
    if (json !== undefined && config.method !== 'POST') {
      say('a GET has no body; add method: POST', [...at, 'json'])
    }
  }
  return problems
}
