import * as z from 'zod'
import { DATA_TYPES } from './types.ts'

export const columnConfig = z.strictObject({
  type: z
    .enum(DATA_TYPES)
    .optional()
    .describe('Values are converted to this type, which then never widens.'),
  nullable: z.boolean().default(true).describe('false: a record without a value is rejected.'),
  pii: z
    .enum(['hash', 'drop'])
    .optional()
    .describe('hash: the SHA-256 of the value is stored instead; drop: the field is not stored.'),
  description: z.string().optional().describe("Goes to the column's documentation."),
})

export type ColumnConfig = z.output<typeof columnConfig>

const mode = z.enum(['evolve', 'freeze', 'discard_row', 'discard_value'])

/** What may change in the schema; one word is meant for all three. */
export const schemaContractConfig = z
  .union([
    mode,
    z.strictObject({
      tables: mode.default('evolve').describe('New child tables.'),
      columns: mode.default('evolve').describe('New columns of tables that exist.'),
      data_type: mode
        .default('evolve')
        .describe('Values that do not fit the type of their column.'),
    }),
  ])
  .transform((contract) =>
    typeof contract === 'string'
      ? { tables: contract, columns: contract, data_type: contract }
      : contract,
  )

export type SchemaContract = z.output<typeof schemaContractConfig>

/** The endpoint keys that shape its tables; `config/schema.ts` puts them beside the others. */
export const tableShape = {
  primary_key: z
    .union([z.string(), z.array(z.string()).min(1)])
    .transform((key) => (typeof key === 'string' ? [key] : key))
    .optional()
    .describe('Field or list of fields that identifies a record; dotted paths.'),
  columns: z
    .record(z.string(), columnConfig)
    .default({})
    .describe('Per field (dotted path as in the record): type, nullable, pii, description.'),
  json_columns: z
    .array(z.string())
    .default([])
    .describe('Paths kept as one JSON column instead of being flattened.'),
  max_nesting: z.int().min(0).default(10).describe('Deeper lists and objects stay JSON.'),
  schema_contract: schemaContractConfig
    .default({ tables: 'evolve', columns: 'evolve', data_type: 'evolve' })
    .describe(
      'What may change in the schema: evolve, freeze, discard_row, discard_value; for all, or for tables, columns and data_type.',
    ),
  naming: z
    .enum(['snake_case', 'direct'])
    .default('snake_case')
    .describe('How names become columns and tables; `direct` keeps them as they are.'),
}
