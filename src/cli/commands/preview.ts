import { stringifyJson, type JsonValue } from '../../core/json.ts'
import { preview, type Preview } from '../../run/preview.ts'
import type { TableBatch, TableSchema } from '../../normalize/types.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { renderTable } from '../output.ts'
import { plural } from '../units.ts'

export interface PreviewOptions {
  readonly endpoint: string
  readonly limit: number
}

export async function showPreview(
  cli: Cli,
  pipeline: string,
  { endpoint, limit }: PreviewOptions,
): Promise<ExitCode> {
  const config = await cli.load([pipeline])
  const interrupt = listenForInterrupt(cli.effects, cli.note)
  try {
    const found = await preview(config, pipeline, {
      endpoint,
      limit,
      signal: interrupt.signal,
      clock: cli.effects.clock,
      log: cli.logger(cli.note),
    })
    if (cli.options.json === true) cli.printJson(stringifyJson(toJson(found)))
    else cli.print(renderPreview(found, cli.width))
    return EXIT.ok
  } finally {
    interrupt.release()
  }
}

function renderPreview({ endpoint, records, schema, batches }: Preview, width: number): string {
  const [root] = schema.tables
  if (!root) return `${endpoint}: no records`
  const sections = [`${endpoint}: ${plural(records, 'record')}`]
  const own = batches.filter(({ table }) => table.name === root.name)
  if (own[0]) {
    const rows = own.flatMap((batch) => batch.rows)
    sections.push(renderRows({ table: own[0].table, rows }, width))
  }
  const rows = schema.tables.flatMap(({ name, columns }) =>
    columns.map((column) => [name, column.name, column.type]),
  )
  sections.push(renderTable({ columns: ['table', 'column', 'type'], rows }, width))
  return sections.join('\n\n')
}

/** The rows without Sluice's own columns, which say nothing before they are loaded. */
function renderRows({ table, rows }: TableBatch, width: number): string {
  const shown = table.columns.flatMap((column, at) => (column.path === null ? [] : [at]))
  return renderTable(
    {
      columns: shown.map((at) => table.columns[at]!.name),
      rows: rows.map((row) => shown.map((at) => row[at] ?? null)),
    },
    width,
  )
}

function toJson({ endpoint, records, schema, batches }: Preview): JsonValue {
  const rowsOf = (table: TableSchema) =>
    batches
      .filter((batch) => batch.table.name === table.name)
      .flatMap(({ rows }) =>
        rows.map((row) =>
          Object.fromEntries(table.columns.map(({ name }, at) => [name, row[at] ?? null])),
        ),
      )
  const tables = schema.tables.map((table) => ({
    table: table.name,
    columns: table.columns.map(({ name, type }) => ({ name, type })),
    rows: rowsOf(table),
  }))
  return { endpoint, records, tables }
}
