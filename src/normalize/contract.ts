import { SluiceError } from '../core/errors.ts'
import type { SchemaContract } from './config.ts'

/** Thrown to abandon a record half-way; everything it added is taken back and it is reported as a reject. */
export class RecordRejected extends Error {
  override readonly name = 'RecordRejected'
}

/** A change to the schema that a value asks for. */
export interface ProposedChange {
  readonly kind: keyof SchemaContract
  readonly endpoint: string
  readonly table: string
  /** Null when the table itself is new. */
  readonly column: string | null
  /** The type the column would get, or the value has; null for tables. */
  readonly type: string | null
}

/**
 * Whether the contract lets a change happen; false means that the value is left out.
 *
 * @throws RecordRejected when the contract discards the row
 * @throws SluiceError SCHEMA_FROZEN when it allows no such change
 */
export function isPermitted(contract: SchemaContract, change: ProposedChange): boolean {
  const mode = contract[change.kind]
  if (mode === 'evolve') return true
  if (mode === 'discard_value') return false
  if (mode === 'discard_row') {
    throw new RecordRejected(`${describe(change)}; schema_contract discards the row`)
  }
  const { kind, endpoint, table, column, type } = change
  throw new SluiceError(
    'SCHEMA_FROZEN',
    `${endpoint}: ${describe(change)}, but the schema is frozen`,
    {
      hint: `set schema_contract.${kind} to evolve for one run to accept the change, or to discard_value to load without it`,
      details: { endpoint, table, column, type },
    },
  )
}

function describe({ kind, table, column, type }: ProposedChange): string {
  if (kind === 'tables') return `the records need a new table "${table}"`
  return kind === 'columns'
    ? `table "${table}" needs a new column "${column}" (${type})`
    : `column "${column}" of table "${table}" does not fit a value of type ${type}`
}
