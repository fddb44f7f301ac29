import { isRecord, stringifyJson, type JsonRecord, type JsonValue } from '../../core/json.ts'
import type { Entry } from '../data/collection.ts'
import { childRecords } from '../data/world-data.ts'
import type { World } from '../data/world.ts'
import { fieldError } from './errors.ts'
import { millisOf, type Predicate } from './filters.ts'
import { parseMoment } from './params.ts'

/** What can be searched for, and the collection it is in. */
export const SEARCHABLE = {
  lead: 'leads',
  contact: 'contacts',
  opportunity: 'opportunities',
  custom_object: 'customObjects',
} as const

export type ObjectType = keyof typeof SEARCHABLE

export function isObjectType(value: JsonValue | undefined): value is ObjectType {
  return typeof value === 'string' && Object.hasOwn(SEARCHABLE, value)
}

/** The type of objects that a query asks for: there has to be exactly one. */
export function searchedType(node: JsonValue | undefined): ObjectType {
  const types = new Set(collectTypes(node))
  const [type, ...others] = types
  if (type === undefined || others.length > 0) {
    throw fieldError('query', 'The query must name exactly one object_type.')
  }
  return type
}

function collectTypes(node: JsonValue | undefined): ObjectType[] {
  if (!isRecord(node)) return []
  if (node.type === 'object_type') {
    if (!isObjectType(node.object_type)) throw fieldError('query', 'Unknown object_type.')
    return [node.object_type]
  }
  return Array.isArray(node.queries) ? node.queries.flatMap(collectTypes) : []
}

/**
 * Compiles a search query: a tree of `and` and `or` over leaves such as
 * `{"type": "field_condition", "field": {"type": "regular_field", "field_name": "date_updated"}, "condition": {...}}`;
 * any node can be negated.
 */
export function compileQuery(node: JsonValue | undefined, world: World): Predicate {
  if (!isRecord(node)) throw fieldError('query', 'Every query must be an object.')
  const holds = compileNode(node, world)
  return node.negate === true ? (entry) => !holds(entry) : holds
}

function compileNode(node: JsonRecord, world: World): Predicate {
  switch (node.type) {
    case 'and':
    case 'or': {
      const parts = Array.isArray(node.queries) ? node.queries : []
      const predicates = parts.map((part) => compileQuery(part, world))
      return node.type === 'and'
        ? (entry) => predicates.every((holds) => holds(entry))
        : (entry) => predicates.some((holds) => holds(entry))
    }
    case 'object_type':
    case 'match_all':
      return () => true
    case 'id':
      return (entry) => entry.id === node.value
    case 'field_condition':
      return compileCondition(fieldOf(node.field), node.condition)
    case 'has_related':
      return compileRelated(node, world)
    default:
      throw fieldError('query', `Unknown query type ${stringifyJson(node.type ?? null)}.`)
  }
}

function fieldOf(field: JsonValue | undefined): string {
  if (isRecord(field)) {
    if (field.type === 'regular_field' && typeof field.field_name === 'string') {
      return field.field_name
    }
    if (field.type === 'custom_field' && typeof field.custom_field_id === 'string') {
      return `custom.${field.custom_field_id}`
    }
  }
  throw fieldError('query', 'Unknown field.')
}

function compileCondition(field: string, condition: JsonValue | undefined): Predicate {
  if (!isRecord(condition)) throw fieldError('query', 'A condition must be an object.')
  const value = (entry: Entry) => entry.record[field] ?? null
  switch (condition.type) {
    case 'moment_range':
      return compileMomentRange(field, condition)
    case 'term': {
      const wanted = Array.isArray(condition.values) ? condition.values : []
      return (entry) => asList(value(entry)).some((item) => wanted.includes(item))
    }
    case 'text': {
      const wanted = textOf(condition.value ?? '')
      return (entry) => asList(value(entry)).some((item) => textOf(item).includes(wanted))
    }
    case 'boolean':
      return (entry) => value(entry) === condition.value
    case 'exists':
      return (entry) => value(entry) !== null && value(entry) !== ''
    case 'number_range':
      return (entry) => inNumberRange(value(entry), condition)
    case 'reference': {
      const ids = Array.isArray(condition.object_ids) ? condition.object_ids : []
      return (entry) => asList(value(entry)).some((item) => ids.includes(item))
    }
    default:
      throw fieldError('query', `Unknown condition type ${stringifyJson(condition.type ?? null)}.`)
  }
}

/** `{"on_or_after": {"type": "fixed_utc", "value": "2025-06-01T10:00:00.250Z"}, "before": null}` */
function compileMomentRange(field: string, condition: JsonRecord): Predicate {
  const bound = (name: string): number | null => {
    const moment = condition[name] ?? null
    if (moment === null) return null
    if (!isRecord(moment) || typeof moment.value !== 'string') {
      throw fieldError('query', `"${name}" must be a moment.`)
    }
    return parseMoment(moment.value, 'query').ms
  }
  const [onOrAfter, after] = [bound('on_or_after'), bound('after')]
  const [before, onOrBefore] = [bound('before'), bound('on_or_before')]
  return (entry) => {
    const ms = millisOf(entry, field)
    if (ms === null) return false
    if (onOrAfter !== null && ms < onOrAfter) return false
    if (after !== null && ms <= after) return false
    if (before !== null && ms >= before) return false
    return onOrBefore === null || ms <= onOrBefore
  }
}

function inNumberRange(value: JsonValue, { gt, gte, lt, lte }: JsonRecord): boolean {
  if (typeof value !== 'number') return false
  if (typeof gt === 'number' && value <= gt) return false
  if (typeof gte === 'number' && value < gte) return false
  if (typeof lt === 'number' && value >= lt) return false
  return typeof lte !== 'number' || value <= lte
}

/** Leads that have a contact or another object such as this, or the other way round. */
function compileRelated(node: JsonRecord, world: World): Predicate {
  const { this_object_type: own, related_object_type: related } = node
  const holds = compileQuery(node.related_query, world)
  if (own === 'lead' && isObjectType(related) && related !== 'lead') {
    const kind = SEARCHABLE[related]
    return (entry) => childRecords(world, kind, entry.id).some(holds)
  }
  if (related === 'lead' && isObjectType(own) && own !== 'lead') {
    return (entry) => {
      const lead = world.leads.get(entry.record.lead_id as string)
      return lead !== undefined && holds(lead)
    }
  }
  throw fieldError('query', 'These types of objects are not related.')
}

function asList(value: JsonValue): readonly JsonValue[] {
  return Array.isArray(value) ? value : [value]
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value.toLowerCase() : ''
}
