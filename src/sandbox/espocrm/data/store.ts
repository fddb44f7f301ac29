import type { JsonRecord, JsonValue } from '../../../core/json.ts'
import { ENTITIES, type Entity } from '../model/entities.ts'
import type { Attribute, NamedBy } from '../model/fields.ts'
import { RELATIONS, type Link } from '../model/links.ts'
import { ENTITY_NAMES, isEntityName, type EntityName } from '../model/names.ts'
import { Relation } from './relation.ts'
import { Table, type Row } from './table.ts'

/** A record at the other end of a link, and what the link itself says. */
export interface Linked {
  readonly row: Row
  readonly columns: JsonRecord
}

/** Everything that is stored, and how records read what belongs to others. */
export interface Store {
  readonly tables: Readonly<Record<EntityName, Table>>
  readonly relations: Readonly<Record<string, Relation>>
  /** Grows with every change of anything. */
  version(): number
  /** What a record shows in an attribute. */
  valueOf(row: Row, attribute: string, entity: Entity): JsonValue
  /** The live records that a link leads to. */
  linked(id: string, link: Link, from: EntityName): readonly Linked[]
}

const ABSENT: Readonly<Partial<Record<Attribute['type'], JsonValue>>> = { bool: false, array: [] }

export function createStore(): Store {
  const tables = Object.fromEntries(
    ENTITY_NAMES.map((name) => [name, new Table()]),
  ) as unknown as Record<EntityName, Table>
  const relations = Object.fromEntries(RELATIONS.map((name) => [name, new Relation()]))
  const parts: readonly { readonly version: number }[] = [
    ...Object.values(tables),
    ...Object.values(relations),
  ]

  const nameOf = (record: JsonRecord, { id, entity }: NamedBy): JsonValue => {
    const table = typeof entity === 'string' ? entity : record[entity.in]
    const named = isEntityName(table) ? tables[table].get(record[id] as string) : undefined
    return named?.record.name ?? null
  }
  const linked: Store['linked'] = (id, link, from) => {
    const table = tables[link.entity]
    if (link.kind === 'key') {
      const { key, typeKey } = link
      return table
        .where(key, id)
        .filter(({ record }) => typeKey === undefined || record[typeKey] === from)
        .map((row) => ({ row, columns: {} }))
    }
    return [...relations[link.relation]!.of(link.side, id)].flatMap(([otherId, columns]) => {
      const row = table.get(otherId)
      return row ? [{ row, columns }] : []
    })
  }
  const partOf = (
    id: string,
    { link, part }: NonNullable<Attribute['multiple']>,
    from: Entity,
  ): JsonValue => {
    const others = linked(id, from.links[link]!, from.name)
    if (part === 'Ids') return others.map(({ row }) => row.id)
    return Object.fromEntries(
      others.map(({ row, columns }) => [row.id, part === 'Names' ? row.record.name! : columns]),
    )
  }

  return {
    tables,
    relations,
    version: () => parts.reduce((sum, { version }) => sum + version, 0),
    linked,
    valueOf: (row, name, entity) => {
      const attribute = entity.attributes[name]!
      if (attribute.nameOf) return nameOf(row.record, attribute.nameOf)
      if (attribute.multiple) return partOf(row.id, attribute.multiple, entity)
      return row.record[name]!
    },
  }
}

/** What a list says about a record; `names` are the attributes selected, by default all that lists carry. */
export function listed(
  store: Store,
  row: Row,
  name: EntityName,
  names: readonly string[] = ENTITIES[name].names.listed,
): JsonRecord {
  const entity = ENTITIES[name]
  const record: JsonRecord = {}
  for (const attribute of names) record[attribute] = store.valueOf(row, attribute, entity)
  return record
}

/** A record with a value in every attribute that is stored, in the order of its kind: all have one shape. */
export function complete(record: JsonRecord, name: EntityName): JsonRecord {
  const { attributes, names } = ENTITIES[name]
  const whole: JsonRecord = {}
  for (const attribute of names.stored) {
    whole[attribute] = record[attribute] ?? ABSENT[attributes[attribute]!.type] ?? null
  }
  return whole
}
