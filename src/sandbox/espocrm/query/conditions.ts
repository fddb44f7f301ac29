import { toTimestamp } from '../../../core/time.ts'
import type { Store } from '../data/store.ts'
import type { Row } from '../data/table.ts'
import type { Entity } from '../model/entities.ts'
import type { EntityName } from '../model/names.ts'
import { badRequest } from '../refusals.ts'
import { comparisonOf, likePattern, textOf } from './compare.ts'
import type { PhpValue } from './php-query.ts'
import { isGroup, type WhereItem } from './where.ts'

export type Predicate = (row: Row) => boolean

export interface Scope {
  readonly store: Store
  readonly entity: Entity
  /** Whether the asking user may read a kind of records. */
  readonly canRead: (entity: EntityName) => boolean
}

type Leaf = Exclude<WhereItem, { items: unknown }>
type Value = ReturnType<Store['valueOf']>
/** A condition on what a record shows in one attribute. */
type Test = (value: Value) => boolean

const LINK_TYPES: ReadonlySet<string> = new Set([
  'linkedWith',
  'notLinkedWith',
  'isLinked',
  'isNotLinked',
])

/** What all conditions together say about a record. */
export function compileAll(items: readonly WhereItem[], scope: Scope): Predicate {
  const predicates = items.map((item) => compile(item, scope))
  return (row) => predicates.every((fits) => fits(row))
}

function compile(item: WhereItem, scope: Scope): Predicate {
  if (isGroup(item)) {
    const predicates = item.items.map((inner) => compile(inner, scope))
    if (item.type === 'or') {
      // A group of nothing is no condition.
      return (row) => predicates.length === 0 || predicates.some((fits) => fits(row))
    }
    const all: Predicate = (row) => predicates.every((fits) => fits(row))
    return item.type === 'not' ? (row) => !all(row) : all
  }
  if (LINK_TYPES.has(item.type)) return compileLink(item, scope)
  const { store, entity } = scope
  const { attribute } = item
  const known = Object.hasOwn(entity.attributes, attribute) ? entity.attributes[attribute] : null
  if (!known) throw badRequest(`Not existing attribute '${attribute}' in where.`)
  const fits = testOf(item, comparisonOf(known.type))
  return (row) => fits(store.valueOf(row, attribute, entity))
}

function testOf(item: Leaf, compare: ReturnType<typeof comparisonOf>): Test {
  const { type } = item
  const value = item.dateTime ? storedTime(item.value) : item.value
  const is = (passes: (order: number) => boolean, bound: PhpValue): Test => {
    return (found) => {
      const order = compare(found, bound)
      return order !== undefined && passes(order)
    }
  }
  const equals = (bound: PhpValue): Test => is((order) => order === 0, bound)
  const anyOf = (bounds: readonly PhpValue[]): Test => {
    const tests = bounds.map(equals)
    return (found) => tests.some((fits) => fits(found))
  }
  // A null is neither among some values nor not among them.
  const butNot =
    (fits: Test): Test =>
    (found) =>
      found !== null && !fits(found)
  const like = (pattern: string): Test => {
    const regex = likePattern(pattern)
    return (found) => found !== null && regex.test(textOf(found))
  }

  switch (type) {
    case 'equals':
    case 'on':
      if (value === null) return (found) => found === null
      return value instanceof Map ? anyOf([...value.values()]) : equals(value)
    case 'notEquals':
      if (value === null) return (found) => found !== null
      return butNot(value instanceof Map ? anyOf([...value.values()]) : equals(value))
    case 'in':
      return anyOf(listOf(item))
    case 'notIn':
      return butNot(anyOf(listOf(item)))
    case 'isNull':
      return (found) => found === null
    case 'isNotNull':
      return (found) => found !== null
    case 'isTrue':
      return equals(true)
    case 'isFalse':
      return equals(false)
    case 'greaterThan':
    case 'after':
      return is((order) => order > 0, value)
    case 'greaterThanOrEquals':
      return is((order) => order >= 0, value)
    case 'lessThan':
    case 'before':
      return is((order) => order < 0, value)
    case 'lessThanOrEquals':
      return is((order) => order <= 0, value)
    case 'between': {
      const [from = null, to = null] = listOf({ ...item, value })
      const [above, below] = [is((order) => order >= 0, from), is((order) => order <= 0, to)]
      return (found) => above(found) && below(found)
    }
    case 'like':
      return like(textOf(value))
    case 'notLike':
      return butNot(like(textOf(value)))
    case 'contains':
      return like(`%${textOf(value)}%`)
    case 'notContains':
      return butNot(like(`%${textOf(value)}%`))
    case 'startsWith':
      return like(`${textOf(value)}%`)
    case 'endsWith':
      return like(`%${textOf(value)}`)
    case 'arrayAnyOf':
      return hasSome(listOf(item))
    case 'arrayNoneOf': {
      const some = hasSome(listOf(item))
      return (found) => !some(found)
    }
    case 'arrayAllOf': {
      const tests = listOf(item).map((wanted) => hasSome([wanted]))
      return (found) => tests.every((fits) => fits(found))
    }
    default:
      throw badRequest(`Unknown where item type '${type}'.`)
  }
}

function compileLink({ type, attribute: name, value }: Leaf, scope: Scope): Predicate {
  const { store, entity, canRead } = scope
  const link = Object.hasOwn(entity.links, name) ? entity.links[name] : undefined
  const one = Object.hasOwn(entity.belongsTo, name) ? entity.belongsTo[name] : undefined
  const foreign = link?.entity ?? one
  if (!foreign) throw badRequest(`Not existing relation '${name}' in where.`)
  if (!canRead(foreign)) throw badRequest(`Forbidden relation '${name}' in where.`)
  const idsOf = (row: Row): readonly string[] => {
    if (link) return store.linked(row.id, link, entity.name).map(({ row }) => row.id)
    const id = row.record[`${name}Id`]
    return typeof id === 'string' ? [id] : []
  }
  if (type === 'isLinked') return (row) => idsOf(row).length > 0
  if (type === 'isNotLinked') return (row) => idsOf(row).length === 0
  const wanted = new Set(value instanceof Map ? value.values() : [value])
  const isLinked: Predicate = (row) => idsOf(row).some((id) => wanted.has(id))
  return type === 'linkedWith' ? isLinked : (row) => !isLinked(row)
}

function listOf({ type, value }: Leaf): readonly PhpValue[] {
  if (!(value instanceof Map)) throw badRequest(`Bad where item '${type}'.`)
  return [...value.values()]
}

/** Whether a list holds one of some values. */
function hasSome(wanted: readonly PhpValue[]): Test {
  const texts = new Set(wanted.map(textOf))
  return (found) => Array.isArray(found) && found.some((item) => texts.has(textOf(item)))
}

/** A time with a zone, or ISO 8601, as it is stored; what is neither stays as it is. */
function storedTime(value: PhpValue): PhpValue {
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, storedTime(item)]))
  }
  const timestamp = typeof value === 'string' ? toTimestamp(value) : null
  return timestamp === null ? value : timestamp.slice(0, 19).replace('T', ' ')
}
