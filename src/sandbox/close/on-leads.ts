import type { Route } from '../server/router.ts'
import type { ApiRequest } from '../server/http.ts'
import type { ChildKind } from '../data/world-data.ts'
import type { CloseApi } from './api.ts'
import { fieldError, notFound, sentenceError } from './errors.ts'
import { matching, oneOf, type Filter } from './filters.ts'
import { PLAIN, serveOne, servePage, serveWhole } from './list.ts'
import { listParam } from './params.ts'

const MAX_LIMIT = 100

/** A list of what hangs on leads that answers only about something that it is asked for. */
interface AskedList {
  readonly path: string
  readonly kind: ChildKind
  readonly paging: 'pages' | 'whole'
  readonly filters: readonly Filter[]
  readonly single: string
  /** Refuses a request that does not say what it is about. */
  check(query: URLSearchParams): void
}

const LISTS: readonly AskedList[] = [
  {
    path: 'custom_object',
    kind: 'customObjects',
    paging: 'whole',
    filters: [oneOf('lead_id'), oneOf('custom_object_type_id')],
    single: 'CustomObject',
    check: (query) => {
      if (!query.has('lead_id')) throw fieldError('lead_id', 'This field is required.')
    },
  },
  {
    path: 'sequence_subscription',
    kind: 'subscriptions',
    paging: 'pages',
    filters: [oneOf('sequence_id'), oneOf('contact_id'), oneOf('lead_id')],
    single: 'SequenceSubscription',
    check: (query) => {
      if (!['sequence_id', 'contact_id', 'lead_id'].some((name) => query.has(name))) {
        throw sentenceError('One of sequence_id, contact_id or lead_id is required.')
      }
    },
  },
  {
    path: 'comment_thread',
    kind: 'threads',
    paging: 'pages',
    filters: [anyOf('ids', 'id'), anyOf('object_ids', 'object_id')],
    single: 'CommentThread',
    check: (query) => {
      if (!query.has('ids') && !query.has('object_ids')) {
        throw sentenceError('One of ids or object_ids is required.')
      }
    },
  },
]

/** Custom objects, subscriptions and comments: there is no list of all of them. */
export function onLeadsRoutes(api: CloseApi): Route[] {
  return [...LISTS.flatMap((list) => listRoutes(api, list)), ...commentRoutes(api)]
}

function listRoutes({ world, skip }: CloseApi, list: AskedList): Route[] {
  return [
    {
      method: 'GET',
      path: `/${list.path}/`,
      handle: (request) => {
        list.check(request.query)
        const all = () => world[list.kind].list('-date_created')
        const entries = matching(world, request, all, list.filters)
        return list.paging === 'whole'
          ? serveWhole(request, { entries, shape: PLAIN })
          : servePage(request, { entries, shape: PLAIN, maxLimit: MAX_LIMIT }, skip)
      },
    },
    singleRoute({ world }, list),
  ]
}

function singleRoute(
  { world }: Pick<CloseApi, 'world'>,
  { path, kind, single }: Pick<AskedList, 'path' | 'kind' | 'single'>,
): Route {
  return {
    method: 'GET',
    path: `/${path}/{id}/`,
    handle: (request, { id }) => {
      const entry = world[kind].get(id!)
      if (!entry) throw notFound(single)
      return serveOne(request, entry, PLAIN)
    },
  }
}

/** Comments are asked for by their thread or by what they are about, never by both. */
function commentRoutes({ world }: CloseApi): Route[] {
  const threadOf = ({ query }: ApiRequest): string | undefined => {
    const about = query.get('object_id')
    if (about === null) return query.get('thread_id')!
    return world.threads.inOrder().find(({ record }) => record.object_id === about)?.id
  }
  return [
    {
      method: 'GET',
      path: '/comment/',
      handle: (request) => {
        const { query } = request
        if (query.has('thread_id') === query.has('object_id')) {
          throw sentenceError('Exactly one of thread_id and object_id is required.')
        }
        const inThread: Filter = () => {
          const thread = threadOf(request)
          return (entry) => entry.record.thread_id === thread
        }
        const entries = matching(world, request, () => world.comments.inOrder(), [inThread])
        return serveWhole(request, { entries, shape: PLAIN })
      },
    },
    singleRoute({ world }, { path: 'comment', kind: 'comments', single: 'Comment' }),
  ]
}

/** `ids=a,b`: a list in a parameter with a name of its own. */
function anyOf(param: string, field: string): Filter {
  return ({ query }) => {
    const wanted = listParam(query, param)
    return wanted && ((entry) => wanted.includes(entry.valueOf(field) as string))
  }
}
