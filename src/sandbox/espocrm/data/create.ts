import type { JsonRecord } from '../../../core/json.ts'
import { createRandom } from '../../data/random.ts'
import { DAY, MINUTE } from '../../data/times.ts'
import { ENTITIES } from '../model/entities.ts'
import { columnsOf } from '../model/links.ts'
import { isEntityName, type EntityName } from '../model/names.ts'
import { pickSome, type Context } from './build.ts'
import { BUILDERS } from './builders.ts'
import { makeId } from './ids.ts'
import { ADMIN_ID, API_USER_ID } from './org.ts'
import { personName } from './people.ts'
import { complete, type Store } from './store.ts'
import type { Row } from './table.ts'
import { dateTime, makeTimes, type Times } from './times.ts'

/** For so long the service keeps what was done, and with it the only trace of deletes. */
export const HISTORY_RETENTION_MS = 15 * DAY
/** One in so many business records is deleted already. */
const DELETED_EVERY = 33
const DELETABLE: ReadonlySet<EntityName> = new Set(['Account', 'Contact', 'Lead', 'Task', 'Case'])

/** Fills a store with the records of an installation that has so many leads. */
export function fillStore(
  store: Store,
  { leads, seed, endsAt }: { leads: number; seed: number; endsAt: number },
): void {
  for (const [name, { count }] of Object.entries(BUILDERS)) {
    if (!isEntityName(name)) continue
    const total = count(leads)
    for (let index = 0; index < total; index++) {
      const random = createRandom(seed, name, index)
      const times =
        'number' in ENTITIES[name].attributes
          ? numberedTimes(name, (index + 0.5) / total, endsAt)
          : makeTimes(random, index, endsAt)
      const context = { random, index, endsAt, ...times, pick: picker(store, random) }
      const row = addRecord(store, name, context)
      // At once, so that nothing made up later refers to it.
      if (DELETABLE.has(name) && index % DELETED_EVERY === 7)
        store.tables[name].setDeleted(row, true)
    }
  }
}

/** Picks live records by chance. */
export function picker(store: Store, random: Context['random']): Context['pick'] {
  return (entity) => {
    const { live } = store.tables[entity]
    return live.length === 0 ? null : random.pick(live).id
  }
}

/** Adds a made-up record with its links; `fields` replace what was made up. */
export function addRecord(
  store: Store,
  name: EntityName,
  context: Context,
  fields: JsonRecord = {},
): Row {
  const { random, index, created } = context
  const { record, links = {} } = BUILDERS[name].build(context)
  const all = { ...record, ...stamps(context), ...fields }
  const id = (all.id ?? makeId(random, index, created)) as string
  const full = complete({ ...all, id }, name)
  if (ENTITIES[name].person) full.name = personName(full)
  const row = store.tables[name].add(id, full)
  const teams = pickSome(context, 'Team', 1).map((id) => ({ id }))
  const linked = 'teams' in ENTITIES[name].links ? { teams, ...links } : links
  for (const [linkName, others] of Object.entries(linked)) {
    const link = ENTITIES[name].links[linkName]
    if (link?.kind !== 'relation') continue
    const { relation, side } = link
    for (const { id: otherId, columns } of others) {
      if (otherId === null) continue
      store.relations[relation]!.add(side, id, otherId, columnsOf(link, columns))
    }
  }
  return row
}

/** Who made and last changed a record, and when; a kind takes what it has attributes for. */
function stamps(context: Context): JsonRecord {
  const { random, created, modified } = context
  const modifiedAt = modified === null ? null : dateTime(modified)
  const author = random.pick([ADMIN_ID, API_USER_ID])
  return {
    createdAt: dateTime(created),
    modifiedAt,
    createdById: author,
    modifiedById: modified === null || modified === created ? null : author,
    assignedUserId: random.chance(0.8) ? context.pick('User') : null,
    streamUpdatedAt: modifiedAt,
  }
}

/** Numbers count up with time. */
function numberedTimes(name: EntityName, share: number, endsAt: number): Times {
  const span = name === 'ActionHistoryRecord' ? HISTORY_RETENTION_MS - DAY : 900 * DAY
  const created = Math.floor(endsAt - MINUTE - span * (1 - share))
  return { created, modified: created }
}
