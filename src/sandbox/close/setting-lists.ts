import type { JsonRecord } from '../../core/json.ts'
import type { Entry } from '../data/collection.ts'
import { settingRecords } from '../data/lists.ts'
import type { SettingPath } from '../data/settings/settings.ts'
import type { World } from '../data/world.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { notFound } from './errors.ts'
import { matching, type Filter } from './filters.ts'
import { PLAIN, serveOne, servePage, serveWhole, toEntries } from './list.ts'

const MAX_LIMIT = 1000

/** How a list of settings is served. */
export interface SettingList {
  readonly path: SettingPath
  /** Many of these lists are short and come whole; those that know `_limit` and `_skip` come in pages. */
  readonly paging: 'pages' | 'whole'
  readonly filters?: readonly Filter[]
  /** What the list leaves out of its records. */
  readonly without?: string
  /** What a single record is called when there is none; a list without it has no such endpoint. */
  readonly single?: string
  /** Paths that answer as well. */
  readonly aliases?: readonly string[]
}

/** The routes of a list of settings: the list, and one record by its id. */
export function settingRoutes(api: CloseApi, list: SettingList): Route[] {
  const { world, skip } = api
  const { path, paging, filters = [], without, single, aliases = [] } = list
  const handle: Route['handle'] = (request) => {
    const entries = matching(world, request, () => settingEntries(world, path, without), filters)
    return paging === 'whole'
      ? serveWhole(request, { entries, shape: PLAIN })
      : servePage(request, { entries, shape: PLAIN, maxLimit: MAX_LIMIT }, skip)
  }
  const routes = [path, ...aliases].map((path): Route => ({
    method: 'GET',
    path: `/${path}/`,
    handle,
  }))
  if (single === undefined) return routes
  return [
    ...routes,
    {
      method: 'GET',
      path: `/${path}/{id}/`,
      handle: (request, { id }) => {
        const entry = settingEntries(world, path).find((entry) => entry.id === id)
        if (!entry) throw notFound(single)
        return serveOne(request, entry, PLAIN)
      },
    },
  ]
}

export function settingEntries(
  world: World,
  path: SettingPath,
  without?: string,
): readonly Entry[] {
  return world.memo(`settings ${path} ${without ?? ''}`, () =>
    toEntries(settingRecords(world, path).map((record) => omit(record, without))),
  )
}

function omit(record: JsonRecord, field: string | undefined): JsonRecord {
  if (field === undefined) return record
  const { [field]: _, ...rest } = record
  return rest
}
