import { jsonReply, type Reply } from '../server/http.ts'
import type { PathParams, Route } from '../server/router.ts'
import type { Auth } from './auth.ts'
import { ADMIN_ID } from './data/org.ts'
import type { Linked } from './data/store.ts'
import type { Row } from './data/table.ts'
import { serveList, type Memo } from './list.ts'
import { ENTITIES, type Entity } from './model/entities.ts'
import { isEntityName, type EntityName } from './model/names.ts'
import { readOne } from './read.ts'
import { forbidden, notFound } from './refusals.ts'
import type { EspocrmWorld } from './world.ts'

export interface RouteOptions {
  readonly world: EspocrmWorld
  readonly auth: Auth
  /** Kinds of records that the user's role does not let it read. */
  readonly forbidden: readonly EntityName[]
}

const MOST_MEMOS = 50

/** Every path there is: lists, records, lists of what a record is linked to, and the login. */
export function createRoutes({ world, auth, forbidden: denied }: RouteOptions): readonly Route[] {
  const { store } = world
  const canRead = (name: EntityName) => !denied.includes(name)
  const memo = createMemo(() => store.version())

  const entityOf = ({ entity: name }: PathParams): Entity => {
    if (!isEntityName(name)) throw notFound()
    if (!canRead(name)) throw forbidden('No read access.')
    return ENTITIES[name]
  }
  const rowOf = (entity: Entity, { id }: PathParams): Row => {
    const row = store.tables[entity.name].get(id!)
    if (!row) throw notFound()
    return row
  }
  const linkedList = (entity: Entity, row: Row, name: string) => {
    const link = Object.hasOwn(entity.links, name) ? entity.links[name]! : undefined
    if (!link) throw notFound()
    if (!canRead(link.entity)) throw forbidden('No read access.')
    const linked: readonly Linked[] = store.linked(row.id, link, entity.name)
    const byId = new Map(linked.map((one) => [one.row.id, one]))
    const rows = linked.map((one) => one.row)
    const scope = { store, entity: ENTITIES[link.entity], canRead, rows, memo: computeAlways }
    return { scope, byId, columns: link.kind === 'relation' ? link.columns : {} }
  }

  return [
    { method: 'GET', path: '/App/user', handle: () => appUser(world, auth) },
    {
      method: 'GET',
      path: '/{entity}',
      handle: (request, params) => {
        const entity = entityOf(params)
        const rows = store.tables[entity.name].live
        return serveList(request, { store, entity, canRead, rows, memo })
      },
    },
    {
      method: 'GET',
      path: '/{entity}/{id}',
      handle: (_, params) => {
        const entity = entityOf(params)
        return jsonReply(readOne(store, rowOf(entity, params), entity.name))
      },
    },
    {
      method: 'GET',
      path: '/{entity}/{id}/{link}',
      handle: (request, params) => {
        const entity = entityOf(params)
        const { scope, byId, columns } = linkedList(entity, rowOf(entity, params), params.link!)
        return serveList(request, scope, byId, columns)
      },
    },
  ]
}

/** What a login answers: who one is, and a token to go on with. */
function appUser({ store }: EspocrmWorld, { token }: Auth): Reply {
  const user = store.tables.User.get(ADMIN_ID)
  return jsonReply({
    user: user ? readOne(store, user, 'User') : null,
    acl: { table: {} },
    preferences: {},
    token,
    settings: {},
    language: 'en_US',
    appParams: {},
  })
}

/** A record is linked to few others: there is nothing to keep. */
const computeAlways: Memo = (_key, compute) => compute()

function createMemo(version: () => number): Memo {
  const memos = new Map<string, unknown>()
  let seen = -1
  return <T>(key: string, compute: () => T): T => {
    if (version() !== seen || memos.size >= MOST_MEMOS) memos.clear()
    seen = version()
    if (!memos.has(key)) memos.set(key, compute())
    return memos.get(key) as T
  }
}
