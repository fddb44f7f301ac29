import type { SchemaChange } from '../core/events.ts'
import type { SchemaContract } from './config.ts'
import { isPermitted } from './contract.ts'
import type { FieldRules } from './field-rules.ts'
import { promote, type Kind } from './infer.ts'
import { isReservedTable, type Naming } from './naming.ts'
import { addField, createTablePlan, placeColumn, unplaceColumn } from './shape.ts'
import type { Field, Place, Shape, TablePlan } from './shape.ts'
import { CHILD_COLUMNS, DELETED_AT, ROOT_COLUMNS } from './types.ts'
import type { Cell, Column, DataType, EndpointSchema, TableSchema } from './types.ts'

export interface SchemaGrowthOptions {
  readonly endpoint: string
  readonly tableName: string
  readonly primaryKey: readonly string[]
  readonly rules: FieldRules
  readonly maxNesting: number
  readonly contract: SchemaContract
  readonly naming: Naming
  readonly description: string | undefined
  readonly takenTables: ReadonlySet<string>
  /** Whether an earlier run left a schema: only then is there anything to freeze. */
  readonly established: boolean
  /** Whether rows that are gone are marked, which takes a column. */
  readonly marksDeleted: boolean
}

/**
 * The schema of one endpoint, growing as records are met. Everything since the last `keep` can be taken
 * back, so that a rejected record leaves no trace.
 */
export class SchemaGrowth {
  /** The endpoint's own table first, parents before children. */
  readonly tables: TablePlan[] = []
  /** The fields of the primary key, in its order, once records have brought them. */
  readonly keyFields: (Field | null)[]
  /** Columns that became decimal: cells that this page laid out before may still be numbers. */
  readonly decimals = new Map<Place, TablePlan>()
  readonly #options: SchemaGrowthOptions
  readonly #tableNames = new Set<string>()
  readonly #undo: (() => void)[] = []
  #changes: SchemaChange[] = []
  #kept = 0
  #snapshot: EndpointSchema

  constructor(options: SchemaGrowthOptions) {
    this.#options = options
    this.#snapshot = { endpoint: options.endpoint, tables: [] }
    this.keyFields = options.primaryKey.map(() => null)
  }

  /** Makes everything so far permanent. */
  keep(): void {
    if (this.#undo.length > 0) this.#undo.length = 0
    this.#kept = this.#changes.length
  }

  /** Takes back everything since the last `keep`. */
  rollBack(): void {
    while (this.#undo.length > 0) this.#undo.pop()!()
    this.#changes.length = this.#kept
  }

  /** The changes since this was last called. */
  takeChanges(): readonly SchemaChange[] {
    const changes = this.#changes
    this.#changes = []
    this.#kept = 0
    return changes
  }

  /** The schema as it is now, the same object until it grows; later growth does not reach what was handed out. */
  snapshot(): EndpointSchema {
    const tables = this.tables.map(snapshotTable)
    const { tables: before } = this.#snapshot
    if (tables.length !== before.length || tables.some((table, i) => table !== before[i])) {
      this.#snapshot = { endpoint: this.#options.endpoint, tables }
    }
    return this.#snapshot
  }

  rootTable(): TablePlan {
    const [root] = this.tables
    if (root !== undefined) return root
    const { endpoint, tableName, naming, description, rules } = this.#options
    const columns = ROOT_COLUMNS.map((name): Column => ({ name, type: 'text', path: null }))
    if (this.#options.marksDeleted) columns.push(deletedAt())
    return this.#addTable(naming.identifier(tableName), tableName, (name) =>
      createTablePlan(
        {
          name,
          endpoint,
          parent: null,
          path: [],
          columns,
          primaryKey: [],
          cursor: null,
          ...(description !== undefined && { description }),
        },
        { list: null, rules, fresh: true },
      ),
    )
  }

  /** The table for the items of a list, or null when the contract leaves it out. */
  childTable(field: Field): TablePlan | null {
    if (field.child !== null) return field.child
    const { endpoint, naming, contract, established } = this.#options
    const parent = field.table.schema.name
    const wanted = naming.join([parent, ...field.identifiers])
    // A first load defines the schema, so nothing is frozen yet; what is discarded is discarded always.
    const free = contract.tables === 'freeze' && !established
    const change = { kind: 'tables', endpoint, table: wanted, column: null, type: null } as const
    if (!free && !isPermitted(contract, change)) return null
    const columns = CHILD_COLUMNS.map((name): Column => ({
      name,
      type: name === '_dlt_list_idx' ? 'bigint' : 'text',
      path: null,
    }))
    const plan = this.#addTable(wanted, field.path.join('.'), (name) =>
      createTablePlan(
        { name, endpoint, parent, path: field.path, columns, primaryKey: [], cursor: null },
        { list: field, rules: field.rulesUnder, fresh: true },
      ),
    )
    field.child = plan
    this.#undo.push(() => (field.child = null))
    return plan
  }

  #addTable(wanted: string, spelling: string, create: (name: string) => TablePlan): TablePlan {
    const { naming } = this.#options
    const name = naming.distinct(allowedTable(wanted, naming), spelling, (name) =>
      this.#isTaken(name),
    )
    const plan = create(name)
    this.restoreTable(plan)
    this.#undo.push(() => {
      this.tables.pop()
      this.#tableNames.delete(name.toLowerCase())
    })
    const added = { table: name, column: null, type: null }
    this.#changes.push({ ...added, change: 'added' })
    if (name !== wanted) this.#changes.push({ ...added, change: 'renamed', from: spelling })
    return plan
  }

  /** Gives the endpoint's own table of an earlier run the column for when a row was found gone. */
  markDeleted(): void {
    const [root] = this.tables
    if (!root || root.schema.columns.some(({ name }) => name === DELETED_AT)) return
    placeColumn(root, null, deletedAt(), false)
    const { name: table } = root.schema
    this.#changes.push({ table, column: DELETED_AT, change: 'added', type: 'timestamp' })
    this.keep()
  }

  /** Adds a table that an earlier run created. */
  restoreTable(plan: TablePlan): void {
    this.tables.push(plan)
    this.#tableNames.add(plan.schema.name.toLowerCase())
  }

  #isTaken(lowerCased: string): boolean {
    if (this.#tableNames.has(lowerCased)) return true
    return [...this.#options.takenTables].some((name) => name.toLowerCase() === lowerCased)
  }

  addField(shape: Shape, key: string): Field {
    return addField(shape, key, this.#options)
  }

  /** The column of a field, created when there is none; null when the contract leaves it out. */
  column(field: Field, type: DataType): Place | null {
    if (field.place !== null) return field.place
    const { rule, path } = field
    const wanted = this.#options.naming.join(field.identifiers)
    return this.#addColumn(field, wanted, {
      type: rule.type ?? type,
      path,
      ...(rule.type !== null && { declared: true as const }),
      ...(rule.description !== null && { description: rule.description }),
    })
  }

  /** The column for values of a type that the field's own column can't hold; null when left out. */
  variant(field: Field, type: DataType): Place | null {
    const known = field.variants?.get(type)
    if (known !== undefined) return known
    const own = field.place!.column
    const wanted = this.#options.naming.join([own.name, `v_${type}`])
    return this.#addColumn(field, wanted, { type, path: field.path, variantOf: own.name })
  }

  #addColumn(field: Field, wanted: string, part: Omit<Column, 'name'>): Place | null {
    const { table } = field
    const { naming, endpoint, contract } = this.#options
    const { type, variantOf } = part
    const kind = variantOf === undefined ? 'columns' : 'data_type'
    const change = {
      kind,
      endpoint,
      table: table.schema.name,
      column: variantOf ?? wanted,
      type,
    } as const
    // What the source file declares is agreed upon, and a new table's columns come with it.
    const free = kind === 'columns' && (table.fresh || part.declared === true)
    if (!free && !isPermitted(contract, change)) return null
    const spelling = variantOf === undefined ? field.path.join('.') : wanted
    const name = naming.distinct(wanted, spelling, (name) => table.names.has(name))
    const place = placeColumn(table, field, { name, ...part }, true)
    this.#undo.push(() => unplaceColumn(table, field))
    const added = { table: table.schema.name, column: name, type }
    this.#changes.push({ ...added, change: 'added' })
    if (name !== wanted) this.#changes.push({ ...added, change: 'renamed', from: spelling })
    this.noteRole(field, place)
    return place
  }

  /** Records that a column is part of the primary key or is the cursor, as its rule says. */
  noteRole(field: Field, { column }: Place): void {
    const { schema } = field.table
    if (schema.parent !== null || column.variantOf !== undefined) return
    if (field.rule.cursor && schema.cursor === null) {
      schema.cursor = column.name
      this.#undo.push(() => (schema.cursor = null))
    }
    const { keyIndex } = field.rule
    if (keyIndex < 0 || this.keyFields[keyIndex] !== null) return
    this.keyFields[keyIndex] = field
    this.#undo.push(() => {
      this.keyFields[keyIndex] = null
      schema.primaryKey.length = 0
    })
    const places = this.keyFields.map((field) => field?.place)
    if (places.every((place) => place != null)) {
      schema.primaryKey.push(...places.map((place) => place.column.name))
    }
  }

  /**
   * Widens a column, if need be, to hold a value of another kind: `misfit` when no number type holds both,
   * `refused` when the contract leaves the value out.
   */
  widen(table: TablePlan, place: Place, value: Kind): 'fits' | 'misfit' | 'refused' {
    const { column } = place
    const { type, exact = false } = column
    const widened = promote({ type, exact }, value)
    if (widened === null) return 'misfit'
    if (widened.type === type && widened.exact === exact) return 'fits'
    if (widened.type !== type && !place.fresh) {
      const { endpoint, contract } = this.#options
      const where = { endpoint, table: table.schema.name, column: column.name }
      const change = { kind: 'data_type', ...where, type: value.type } as const
      if (!isPermitted(contract, change)) return 'refused'
    }
    this.#setKind(table, place, widened)
    return 'fits'
  }

  /** Turns a column of an earlier run into the type it has been declared with since, where that is wider. */
  redeclare(table: TablePlan, place: Place, type: DataType): void {
    const { column } = place
    const kind = promote(
      { type: column.type, exact: column.exact ?? false },
      { type, exact: false },
    )
    if (kind?.type !== type) return
    if (column.type !== type) this.#setKind(table, place, kind)
    column.declared = true
  }

  #setKind(table: TablePlan, place: Place, { type, exact }: Kind): void {
    const { column } = place
    const before = { type: column.type, exact: column.exact ?? false }
    setKind(table, column, { type, exact })
    this.#undo.push(() => setKind(table, column, before))
    if (type === before.type) return
    if (type === 'decimal') this.decimals.set(place, table)
    const where = { table: table.schema.name, column: column.name }
    this.#changes.push({ ...where, change: 'widened', type, from: before.type })
  }

  /** Creates the declared columns of a level that its first record has not brought. */
  declareColumns(shape: Shape, row: Cell[]): void {
    const { declared } = shape
    shape.declared = null
    this.#undo.push(() => (shape.declared = declared))
    for (const key of declared ?? []) {
      const field = shape.fields.get(key) ?? this.addField(shape, key)
      if (field.rule.type !== null) this.column(field, field.rule.type)
    }
    while (row.length < shape.table.blank.length) row.push(null)
  }
}

function deletedAt(): Column {
  return { name: DELETED_AT, type: 'timestamp', path: null }
}

function setKind(table: TablePlan, column: Column, { type, exact }: Kind): void {
  column.type = type
  if (exact) column.exact = true
  else delete column.exact
  table.snapshot = null
}

/** A table's schema as it is now. */
export function snapshotTable(table: TablePlan): TableSchema {
  const { schema } = table
  table.snapshot ??= {
    ...schema,
    columns: schema.columns.map((column) => ({ ...column })),
    primaryKey: [...schema.primaryKey],
  }
  return table.snapshot
}

/** Names with Sluice's and SQLite's own prefixes get a letter in front. */
function allowedTable(wanted: string, naming: Naming): string {
  return isReservedTable(wanted) ? naming.join([`x${wanted}`]) : wanted
}

/** The names that an endpoint's own table may have been given: the plain one, or that for when it is taken. */
export function rootTableNames(tableName: string, naming: Naming): readonly string[] {
  const plain = allowedTable(naming.identifier(tableName), naming)
  return [plain, naming.distinct(plain, tableName, (name) => name === plain.toLowerCase())]
}
