import type { JsonRecord, JsonValue } from '../core/json.ts'
import { compileGet } from '../core/path.ts'
import { scalarText, toCell } from './coerce.ts'
import type { ColumnConfig, SchemaContract } from './config.ts'
import { RecordRejected } from './contract.ts'
import { compileHasValue, compileRules } from './field-rules.ts'
import { createFlatten } from './flatten.ts'
import { createNaming, type NamingConvention } from './naming.ts'
import { restoreSchema } from './restore-schema.ts'
import { keyedId, positionalId } from './row-id.ts'
import type { TablePlan } from './shape.ts'
import { withoutPii } from './without-pii.ts'
import { rootTableNames, SchemaGrowth, snapshotTable } from './table-schema.ts'
import type {
  Cell,
  EndpointSchema,
  NormalizedPage,
  Reject,
  TableBatch,
  TableSchema,
} from './types.ts'

export interface NormalizerOptions {
  readonly endpoint: string
  /** The endpoint's `table_name`, or its name; not yet normalized. */
  readonly tableName: string
  readonly primaryKey: readonly string[]
  /** Row ids are hashes of the primary key, and a record without its key is rejected. */
  readonly keyed: boolean
  readonly cursorPath: string | null
  readonly columns: Readonly<Record<string, ColumnConfig>>
  readonly jsonColumns: readonly string[]
  readonly maxNesting: number
  readonly contract: SchemaContract
  readonly naming: NamingConvention
  readonly description?: string | undefined
  /** Whether rows that are gone are marked, which takes a column. */
  readonly marksDeleted: boolean
  readonly maxIdentifierBytes: number
  /**
   * The schema that earlier runs stored; null for a new endpoint. One whose own table has another name than
   * `tableName` gives is not taken up: those rows are in another table.
   */
  readonly known: EndpointSchema | null
  /** Names of the tables of other endpoints; read whenever a table is created. */
  readonly takenTables: ReadonlySet<string>
}

/**
 * Turns pages of records into rows for typed tables, and the schema that they need. Does no I/O;
 * the same records in the same order give the same rows and schema however they are split into pages.
 */
export interface Normalizer {
  /**
   * @param at.position of the page's first record in the run
   * @throws SluiceError SCHEMA_FROZEN when a record needs a change that the schema contract forbids
   */
  normalize(
    records: readonly JsonRecord[],
    at: { readonly loadId: string; readonly position: number },
  ): NormalizedPage
  /**
   * The id of a record's row, found by its key alone; null when it has none, or not all of it. Leaves no trace in the
   * schema.
   */
  idOf(record: JsonRecord): string | null
  /** A record that can't be loaded as it is kept: without what is declared `pii`. */
  reject(record: JsonRecord, reason: string): Reject
  /** The schema as it is now; without tables until a record has come. */
  readonly schema: EndpointSchema
}

export function createNormalizer(options: NormalizerOptions): Normalizer {
  const { endpoint, columns, primaryKey, keyed, tableName } = options
  const naming = createNaming(options.naming, options.maxIdentifierBytes)
  const root = options.known?.tables[0]?.name
  const isSame = root !== undefined && rootTableNames(tableName, naming).includes(root)
  const known = isSame ? options.known : null
  const rules = compileRules(options)
  const growth = new SchemaGrowth({
    ...options,
    description: options.description,
    rules,
    naming,
    established: known !== null,
  })
  if (known !== null) restoreSchema(growth, known, { rules, description: options.description })
  if (options.marksDeleted) growth.markDeleted()
  const holdsPii = Object.values(columns).some(({ pii }) => pii !== undefined)
  const flatten = createFlatten(growth)
  const keyGetters = primaryKey.map(compileGet)
  const required = Object.entries(columns)
    .filter(([, column]) => !column.nullable)
    .map(([path]) => ({ path, hasValue: compileHasValue(path) }))

  function keyValues(record: JsonRecord, row: readonly Cell[]): string[] {
    return primaryKey.map((path, i) => {
      const place = growth.keyFields[i]?.place
      const cell = place == null ? null : row[place.index]
      return cell == null ? keyText(path, keyGetters[i]!(record)) : String(cell)
    })
  }

  /** Lays out one record; returns its row id. */
  function addRecord(record: JsonRecord, loadId: string, position: number): string {
    for (const { path, hasValue } of required) {
      if (!hasValue(record)) throw new RecordRejected(`field "${path}" must have a value`)
    }
    const table = growth.rootTable()
    const row: Cell[] = table.blank.slice()
    row[1] = loadId
    table.rows.push(row)
    flatten(table, record, row, (row) =>
      keyed ? keyedId(keyValues(record, row)) : positionalId(loadId, endpoint, position),
    )
    return row[0] as string
  }

  function idOf(record: JsonRecord): string | null {
    if (!keyed) return null
    const key: JsonRecord = {}
    for (const [i, path] of primaryKey.entries()) {
      const value = keyGetters[i]!(record)
      if (value !== undefined)
        putAt(key, Object.hasOwn(record, path) ? [path] : path.split('.'), value)
    }
    try {
      const table = growth.rootTable()
      const row: Cell[] = table.blank.slice()
      table.rows.push(row)
      flatten(table, key, row, (row) => keyedId(keyValues(key, row)))
      return row[0] as string
    } catch (error) {
      if (error instanceof RecordRejected) return null
      throw error
    } finally {
      rollBack()
    }
  }

  function reject(record: JsonRecord, reason: string): Reject {
    return { reason, record: holdsPii ? withoutPii(record, rules) : record, id: idOf(record) }
  }

  function keep(): void {
    growth.keep()
    for (const table of growth.tables) table.complete = table.rows.length
  }

  function rollBack(): void {
    growth.rollBack()
    for (const table of growth.tables) table.rows.length = table.complete
  }

  /** Takes the rows laid out so far away from their tables, as a group of their own. */
  function takeRows(): LaidOut[] {
    const laidOut: LaidOut[] = []
    for (const table of growth.tables) {
      if (table.rows.length > 0) laidOut.push({ table, rows: table.rows })
      table.rows = []
      table.complete = 0
    }
    return laidOut
  }

  /** Batches of all groups, valid for the types that the columns have in the end. */
  function toBatches(laidOut: readonly LaidOut[]): TableBatch[] {
    for (const [{ column, index }, table] of growth.decimals) {
      if (column.type !== 'decimal') continue
      for (const own of laidOut) if (own.table === table) spellOut(own.rows, index)
    }
    growth.decimals.clear()
    const snapshots = new Map<TablePlan, TableSchema>()
    return laidOut.map(({ table, rows }) => {
      const snapshot = snapshots.get(table) ?? snapshotTable(table)
      snapshots.set(table, snapshot)
      return { table: snapshot, rows }
    })
  }

  return {
    normalize(records, { loadId, position }) {
      const rejects: Reject[] = []
      const laidOut: LaidOut[] = []
      const keys = new Set<string>()
      for (const [index, record] of records.entries()) {
        try {
          let id = addRecord(record, loadId, position + index)
          if (keyed && keys.has(id)) {
            // The list items of two versions of a record have the same ids: they may not share a batch.
            rollBack()
            laidOut.push(...takeRows())
            keys.clear()
            id = addRecord(record, loadId, position + index)
          }
          keep()
          if (keyed) keys.add(id)
        } catch (error) {
          rollBack()
          if (!(error instanceof RecordRejected)) throw error
          rejects.push(reject(record, error.message))
        }
      }
      laidOut.push(...takeRows())
      return { batches: toBatches(laidOut), changes: growth.takeChanges(), rejects }
    },
    idOf,
    reject,
    get schema() {
      return growth.snapshot()
    },
  }
}

/** Sets a value at the end of a path of keys. */
function putAt(record: JsonRecord, [key = '', ...rest]: readonly string[], value: JsonValue): void {
  if (rest.length === 0) record[key] = value
  else putAt((record[key] ??= {}) as JsonRecord, rest, value)
}

/** Rows of one table, before their columns' types are final. */
interface LaidOut {
  readonly table: TablePlan
  readonly rows: Cell[][]
}

/** The text of a key value that is in no column of its own; a key must be a scalar. */
function keyText(path: string, value: JsonValue | undefined): string {
  if (value === undefined || value === null) {
    const problem = value === null ? 'is null' : 'is missing'
    throw new RecordRejected(`primary key field "${path}" ${problem}`)
  }
  if (typeof value === 'object') {
    const problem = Array.isArray(value) ? 'a list' : 'an object'
    throw new RecordRejected(`primary key field "${path}" is ${problem}`)
  }
  return scalarText(value)
}

/** Makes cells that were laid out before their column became decimal valid for it. */
function spellOut(rows: readonly Cell[][], index: number): void {
  for (const row of rows) {
    const cell = row[index]
    if (typeof cell === 'number' || typeof cell === 'bigint') row[index] = toCell(cell, 'decimal')
  }
}
