import type { EntityName } from './names.ts'

/**
 * A field as an administrator of EspoCRM sees it. Many fields are several attributes of a record: a `link:Account` called
 * `account` is `accountId` and `accountName`, a `multiple` called `teams` is `teamsIds`, `teamsNames` and, where its
 * relation has columns, `teamsColumns`.
 */
export type Field =
  | AttributeType
  | 'email'
  | 'phone'
  | 'address'
  | 'currency'
  | 'parent'
  | 'optionalTime'
  | 'multiple'
  | `link:${EntityName}`

export type AttributeType =
  'varchar' | 'text' | 'int' | 'float' | 'bool' | 'date' | 'datetime' | 'array' | 'json'

/** One key of a record as it is served. */
export interface Attribute {
  readonly type: AttributeType
  /** The name of the record that another attribute has the id of, read whenever it is served: it is never stale. */
  readonly nameOf?: NamedBy
  /** Part of what a link to many records is made of; in a list only when it is selected. */
  readonly multiple?: { readonly link: string; readonly part: 'Ids' | 'Names' | 'Columns' }
}

export interface NamedBy {
  readonly id: string
  /** The kind of the named record, or the attribute that holds it. */
  readonly entity: EntityName | { readonly in: string }
}

const ADDRESS_PARTS = ['City', 'State', 'Country', 'PostalCode'] as const
const VARCHAR: Attribute = { type: 'varchar' }

/** The attributes that a field is made of, in the order they are served in. */
export function attributesOf(name: string, field: Field): Readonly<Record<string, Attribute>> {
  if (field.startsWith('link:')) {
    const entity = field.slice('link:'.length) as EntityName
    const id = `${name}Id`
    return { [id]: VARCHAR, [`${name}Name`]: { type: 'varchar', nameOf: { id, entity } } }
  }
  switch (field) {
    case 'email':
    case 'phone':
      return {
        [name]: VARCHAR,
        [`${name}IsOptedOut`]: { type: 'bool' },
        [`${name}IsInvalid`]: { type: 'bool' },
      }
    case 'address':
      return {
        [`${name}Street`]: { type: 'text' },
        ...Object.fromEntries(ADDRESS_PARTS.map((part) => [name + part, VARCHAR])),
      }
    case 'currency':
      return {
        [name]: { type: 'float' },
        [`${name}Currency`]: VARCHAR,
        [`${name}Converted`]: { type: 'float' },
      }
    case 'parent': {
      const [id, type] = [`${name}Id`, `${name}Type`]
      const nameOf = { id, entity: { in: type } }
      return { [type]: VARCHAR, [id]: VARCHAR, [`${name}Name`]: { type: 'varchar', nameOf } }
    }
    case 'optionalTime':
      return { [name]: { type: 'datetime' }, [`${name}Date`]: { type: 'date' } }
    case 'multiple':
      return {
        [`${name}Ids`]: { type: 'array', multiple: { link: name, part: 'Ids' } },
        [`${name}Names`]: { type: 'json', multiple: { link: name, part: 'Names' } },
        [`${name}Columns`]: { type: 'json', multiple: { link: name, part: 'Columns' } },
      }
    default:
      return { [name]: { type: field as AttributeType } }
  }
}
