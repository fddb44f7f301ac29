import type { JsonRecord } from '../../core/json.ts'
import type { WorldClock } from '../data/clock.ts'
import { createRandom, type Random } from '../data/random.ts'
import { SENTENCES } from '../data/words.ts'
import { HISTORY_RETENTION_MS, addRecord, picker } from './data/create.ts'
import { ADMIN_ID } from './data/org.ts'
import { personName } from './data/people.ts'
import { listed, type Store } from './data/store.ts'
import type { Row } from './data/table.ts'
import { dateTime } from './data/times.ts'
import { ENTITIES } from './model/entities.ts'
import { columnsOf, type RelationLink } from './model/links.ts'
import type { EntityName } from './model/names.ts'

/**
 * What can happen to records, each one bumping `modifiedAt` where the service does and nowhere else. `at` is in
 * milliseconds, by default the next moment of the world's clock. All throw RangeError for a record, link or attribute that
 * does not exist.
 */
export interface Mutations {
  /** Adds a record, made up but for `fields`; returns it as lists serve it. */
  add(entity: EntityName, fields?: JsonRecord, at?: number): JsonRecord
  /** Changes a record, by default a text of it; returns it as lists serve it. */
  edit(entity: EntityName, id: string, changes?: JsonRecord, at?: number): JsonRecord
  /** Deletes softly: the record is in no list any more, and only the action history tells. */
  remove(entity: EntityName, id: string, at?: number): void
  /** Brings a deleted record back as it was; its `modifiedAt` is when it was deleted. */
  restore(entity: EntityName, id: string): JsonRecord
  /** Links two records, or gives their link other columns. Neither is bumped. */
  relate(entity: EntityName, id: string, link: string, otherId: string, columns?: JsonRecord): void
  /** Unlinks two records. Neither is bumped, not even a contact that loses its account. */
  unrelate(entity: EntityName, id: string, link: string, otherId: string): void
  /** Reassigns records in one mass update: all bear the same second, and no history is written. */
  touch(entity: EntityName, ids: readonly string[], at?: number): void
  /** Writes into the stream of a record, which moves its `streamUpdatedAt` only. */
  post(entity: EntityName, id: string, text: string, at?: number): void
}

export interface MutationContext {
  readonly store: Store
  readonly clock: WorldClock
  readonly seed: number
  /** Makes the choices that a mutation leaves open. */
  readonly random: Random
}

/** Attributes that an edit changes when nobody says what, the first one that a kind of record has. */
const TEXTS = ['description', 'post', 'title', 'stringData', 'subject'] as const

export function createMutations({ store, clock, seed, random }: MutationContext): Mutations {
  const { tables } = store

  const requireRow = (entity: EntityName, id: string): Row => {
    const row = tables[entity].get(id)
    if (!row) throw new RangeError(`no ${entity} ${id}`)
    return row
  }
  const requireRelation = (entity: EntityName, name: string): RelationLink => {
    const link = ENTITIES[entity].links[name]
    if (link?.kind !== 'relation') throw new RangeError(`${entity} has no link ${name} to many`)
    return link
  }
  const insert = (entity: EntityName, fields: JsonRecord, at: number): Row => {
    const { added: index, version } = tables[entity]
    const own = createRandom(seed, 'added', entity, version, at)
    const times = { created: at, modified: at, endsAt: at }
    const context = { random: own, index, ...times, pick: picker(store, own) }
    return addRecord(store, entity, context, fields)
  }
  const note = (entity: EntityName, row: Row, content: JsonRecord, at: number) => {
    if (!('streamUpdatedAt' in ENTITIES[entity].attributes)) return
    const about = { parentType: entity, parentId: row.id, createdById: ADMIN_ID }
    insert('Note', { post: null, data: {}, ...content, ...about }, at)
    tables[entity].update(row, { streamUpdatedAt: dateTime(at) })
  }
  const history = (entity: EntityName, id: string, action: string, at: number) => {
    const userType = 'admin'
    const target = { action, targetType: entity, targetId: id, userId: ADMIN_ID, userType }
    insert('ActionHistoryRecord', target, at)
    const oldest = dateTime(at - HISTORY_RETENTION_MS)
    for (const row of tables.ActionHistoryRecord.live) {
      // In the order of time: nothing after the first that is kept is older.
      if ((row.record.createdAt as string) >= oldest) break
      tables.ActionHistoryRecord.purge(row.id)
    }
  }
  const newText = (): string => `${random.pick(SENTENCES)} (${random.int(1_000_000)})`
  const defaultEdit = (entity: EntityName): JsonRecord => {
    const attribute = TEXTS.find((text) => text in ENTITIES[entity].attributes)
    if (attribute === undefined) throw new RangeError(`say what to change of a ${entity}`)
    return { [attribute]: newText() }
  }

  return {
    add: (entity, fields = {}, at = clock.tick()) => {
      checkAttributes(entity, fields)
      const row = insert(entity, fields, at)
      history(entity, row.id, 'create', at)
      note(entity, row, { type: 'Create' }, at)
      return listed(store, row, entity)
    },
    edit: (entity, id, changes = defaultEdit(entity), at = clock.tick()) => {
      checkAttributes(entity, changes)
      const row = requireRow(entity, id)
      const was = Object.fromEntries(
        Object.keys(changes).map((key) => [key, row.record[key] ?? null]),
      )
      const { attributes, person } = ENTITIES[entity]
      const stamps = {
        ...('modifiedAt' in attributes ? { modifiedAt: dateTime(at) } : {}),
        ...('modifiedById' in attributes ? { modifiedById: ADMIN_ID } : {}),
      }
      tables[entity].update(row, { ...changes, ...stamps })
      if (person) tables[entity].update(row, { name: personName(row.record) })
      const { accountId } = changes
      if (entity === 'Contact' && typeof accountId === 'string') {
        const link = requireRelation('Contact', 'accounts')
        store.relations[link.relation]!.add(link.side, id, accountId, columnsOf(link))
      }
      history(entity, id, 'update', at)
      const data = { fields: Object.keys(changes), attributes: { was, became: changes } }
      note(entity, row, { type: 'Update', data }, at)
      return listed(store, row, entity)
    },
    remove: (entity, id, at = clock.tick()) => {
      const row = requireRow(entity, id)
      if ('modifiedAt' in ENTITIES[entity].attributes)
        tables[entity].update(row, { modifiedAt: dateTime(at) })
      tables[entity].setDeleted(row, true)
      history(entity, id, 'delete', at)
    },
    restore: (entity, id) => {
      const row = tables[entity].getEvenDeleted(id)
      if (!row?.deleted) throw new RangeError(`no deleted ${entity} ${id}`)
      tables[entity].setDeleted(row, false)
      return listed(store, row, entity)
    },
    relate: (entity, id, name, otherId, columns) => {
      const link = requireRelation(entity, name)
      requireRow(entity, id)
      requireRow(link.entity, otherId)
      store.relations[link.relation]!.add(link.side, id, otherId, columnsOf(link, columns))
    },
    unrelate: (entity, id, name, otherId) => {
      const { relation, side, entity: other } = requireRelation(entity, name)
      if (!store.relations[relation]!.remove(side, id, otherId)) {
        throw new RangeError(`${entity} ${id} is not linked to ${other} ${otherId}`)
      }
      if (relation !== 'accountContact') return
      const [contactId, accountId] = entity === 'Contact' ? [id, otherId] : [otherId, id]
      const contact = requireRow('Contact', contactId)
      if (contact.record.accountId !== accountId) return
      const none = { accountId: null, accountRole: null, accountIsInactive: false }
      tables.Contact.update(contact, none)
    },
    touch: (entity, ids, at = clock.tick()) => {
      const assignedUserId = picker(store, random)('User')
      const changes = {
        ...('assignedUserId' in ENTITIES[entity].attributes ? { assignedUserId } : {}),
        modifiedAt: dateTime(at),
      }
      checkAttributes(entity, changes)
      for (const id of ids) tables[entity].update(requireRow(entity, id), changes)
    },
    post: (entity, id, text, at = clock.tick()) => {
      note(entity, requireRow(entity, id), { type: 'Post', post: text }, at)
    },
  }
}

function checkAttributes(entity: EntityName, fields: JsonRecord): void {
  const { attributes } = ENTITIES[entity]
  for (const name of Object.keys(fields)) {
    const attribute = attributes[name]
    if (!attribute || attribute.nameOf || attribute.multiple) {
      throw new RangeError(`${entity} stores no attribute ${name}`)
    }
  }
}
