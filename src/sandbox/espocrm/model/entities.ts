import { DEFINITIONS, type Definition, type Direction, type Filters } from './definitions.ts'
import { attributesOf, type Attribute } from './fields.ts'
import { LINKS, type Link } from './links.ts'
import { ENTITY_NAMES, type EntityName } from './names.ts'

/** One kind of record: what it is made of, how it is linked, and how its list behaves when nothing else is asked for. */
export interface Entity {
  readonly name: EntityName
  /** In the order they are served in. */
  readonly attributes: Readonly<Record<string, Attribute>>
  /** The names of all attributes, of those in every list, and of those that are stored with the record. */
  readonly names: Names
  readonly links: Readonly<Record<string, Link>>
  /** Links to one record, by name: the kind of record they lead to. */
  readonly belongsTo: Readonly<Record<string, EntityName>>
  readonly order: Order
  /** A list of many rows that nobody waits to be counted: its `total` is -1 or -2. */
  readonly uncounted: boolean
  /** The name of a person is made of its parts. */
  readonly person: boolean
  readonly filters: Filters
}

interface Names {
  readonly all: readonly string[]
  readonly listed: readonly string[]
  readonly stored: readonly string[]
}

export interface Order {
  readonly by: string
  readonly direction: Direction
}

export const ENTITIES = Object.fromEntries(
  ENTITY_NAMES.map((name) => [name, entityOf(name, DEFINITIONS[name])]),
) as Readonly<Record<EntityName, Entity>>

function entityOf(name: EntityName, definition: Definition): Entity {
  const { fields, order, uncounted = false, filters = {} } = definition
  const attributes: Record<string, Attribute> = { id: { type: 'varchar' } }
  const belongsTo: Record<string, EntityName> = {}
  for (const [field, type] of Object.entries(fields)) {
    Object.assign(attributes, attributesOf(field, type))
    if (type === 'multiple' && !hasColumns(LINKS[name][field])) delete attributes[`${field}Columns`]
    if (type.startsWith('link:')) belongsTo[field] = type.slice('link:'.length) as EntityName
  }
  return {
    name,
    attributes,
    names: namesOf(attributes),
    links: LINKS[name],
    belongsTo,
    order: { by: order[0], direction: order[1] },
    uncounted,
    person: 'lastName' in fields,
    filters,
  }
}

function namesOf(attributes: Entity['attributes']): Names {
  const all = Object.keys(attributes)
  const listed = all.filter((name) => !attributes[name]!.multiple)
  return { all, listed, stored: listed.filter((name) => !attributes[name]!.nameOf) }
}

function hasColumns(link: Link | undefined): boolean {
  return link?.kind === 'relation' && Object.keys(link.columns).length > 0
}
