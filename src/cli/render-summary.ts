import type { SchemaChange } from '../core/events.ts'
import type { EndpointSummary, RunSummary } from '../run/summary.ts'
import type { Cli } from './cli.ts'
import { renderTable, type CellText } from './output.ts'
import { truncate } from './text-width.ts'
import { formatMillis, plural } from './units.ts'
import { withoutSubject } from './without-subject.ts'

/** How many tables of an endpoint are named in its line. */
const TABLES_SHOWN = 3
/** Characters of a table's name. */
const NAME_SHOWN = 24

/** Prints what a run did: one line of JSON, or a table with what needs attention below it. */
export function printSummary(cli: Cli, summary: RunSummary, kind: 'run' | 'dry run'): void {
  if (cli.options.json === true) cli.printJson(JSON.stringify(summary))
  else cli.print(renderSummary(summary, cli, kind))
  for (const { endpoint, status, error } of summary.endpoints) {
    if (error && status === 'failed') {
      const message = withoutSubject(error.message, endpoint)
      cli.reportPart({ ...error, message }, `${summary.pipeline}.${endpoint}`)
    }
  }
  // Why each was skipped repeats the errors above; the JSON has it in full.
  const skipped = summary.endpoints.filter(({ status }) => status === 'skipped')
  if (skipped.length > 0) {
    const names = skipped.map(({ endpoint }) => endpoint).join(', ')
    cli.note(`${summary.pipeline}: skipped because of that: ${names}`)
  }
  if (summary.error) cli.reportPart(summary.error, summary.pipeline)
  const left = summary.endpoints.reduce((sum, { windows }) => sum + (windows?.left ?? 0), 0)
  if (summary.command === 'backfill' && left > 0) {
    cli.note(
      `${summary.pipeline}: ${plural(left, 'window')} left: run the same command again to go on`,
    )
  }
}

function renderSummary(
  summary: RunSummary,
  { width, options }: Cli,
  kind: 'run' | 'dry run',
): string {
  const took = Date.parse(summary.finished_at) - Date.parse(summary.started_at)
  const written = kind === 'dry run' ? ' (dry run: nothing was written)' : ''
  const lines = [`${summary.pipeline}: ${summary.status} in ${formatMillis(took)}${written}`]
  if (summary.endpoints.length > 0) lines.push(renderEndpoints(summary.endpoints, width))
  lines.push(...renderWarnings(summary.warnings))
  lines.push(...renderChanges(summary.schema_changes, options.verbose === true))
  return lines.join('\n')
}

interface SummaryColumn {
  readonly heading: string
  readonly cell: (one: EndpointSummary) => CellText
  /** Left out when no endpoint has anything to say in it. */
  readonly optional?: true
}

const COLUMNS: readonly SummaryColumn[] = [
  { heading: 'endpoint', cell: (one) => one.endpoint },
  { heading: 'status', cell: (one) => one.status },
  { heading: 'windows', cell: windowsOf, optional: true },
  { heading: 'requests', cell: (one) => one.requests },
  { heading: 'records', cell: (one) => one.records },
  { heading: 'rows', cell: (one) => shortenRows(one.rows) },
  { heading: 'rejected', cell: (one) => one.rejected },
  { heading: 'deleted', cell: (one) => one.deleted || null, optional: true },
  { heading: 'waited', cell: (one) => (one.waited_ms < 50 ? null : formatMillis(one.waited_ms)) },
  { heading: 'bookmark', cell: (one) => one.bookmark.after },
]

function renderEndpoints(endpoints: readonly EndpointSummary[], width: number): string {
  const shown = COLUMNS.filter(
    ({ cell, optional }) => !optional || endpoints.some((one) => cell(one) !== null),
  )
  const columns = shown.map(({ heading }) => heading)
  const rows = endpoints.map((one) => shown.map(({ cell }) => cell(one)))
  return renderTable({ columns, rows, cutFirst: 'rows' }, width)
}

/** `12`, or `12 of 36` while some are left. */
function windowsOf({ windows }: EndpointSummary): string | null {
  if (windows === null) return null
  const { done, left } = windows
  return left === 0 ? String(done) : `${done} of ${done + left}`
}

/** `leads 250, __contacts 400, +5 tables`: child tables without what they share with the first one. */
function shortenRows(rows: Readonly<Record<string, number>>): string {
  const tables = Object.entries(rows)
  const root = tables[0]?.[0] ?? ''
  const shown = tables.slice(0, TABLES_SHOWN).map(([table, count]) => {
    const name = table.startsWith(`${root}__`) ? table.slice(root.length) : table
    return `${truncate(name, NAME_SHOWN)} ${count}`
  })
  const more = tables.length - shown.length
  if (more > 0) shown.push(`+${plural(more, 'table')}`)
  return shown.join(', ')
}

/** Warnings that repeat, such as one per parent, are said once and counted. */
function renderWarnings(warnings: RunSummary['warnings']): string[] {
  const groups = new Map<string, { text: string; count: number }>()
  for (const { endpoint, code, message } of warnings) {
    const group = groups.get(`${endpoint} ${code}`)
    if (group) group.count++
    else
      groups.set(`${endpoint} ${code}`, {
        text: `${endpoint}: ${withoutSubject(message, endpoint)}`,
        count: 1,
      })
  }
  return [...groups.values()].map(
    ({ text, count }) =>
      `warning: ${text}${count === 1 ? '' : ` (and ${plural(count - 1, 'more like it', 'more like it')})`}`,
  )
}

interface ChangeKind {
  readonly noun: string
  readonly nouns: string
  readonly is: (change: SchemaChange) => boolean
  readonly describe: (change: SchemaChange) => string
}

const CHANGES: readonly ChangeKind[] = [
  {
    noun: 'table added',
    nouns: 'tables added',
    is: ({ change, column }) => change === 'added' && column === null,
    describe: ({ table }) => `table ${table} added`,
  },
  {
    noun: 'column added',
    nouns: 'columns added',
    is: ({ change, column }) => change === 'added' && column !== null,
    describe: ({ table, column, type }) => `${table}.${column} added (${type})`,
  },
  {
    noun: 'type widened',
    nouns: 'types widened',
    is: ({ change }) => change === 'widened',
    describe: ({ table, column, type, from }) =>
      `${table}.${column} widened from ${from} to ${type}`,
  },
  {
    noun: 'name changed',
    nouns: 'names changed',
    is: ({ change }) => change === 'renamed',
    describe: ({ table, column, from }) =>
      `${table}.${column ?? ''} holds "${from}", whose plain name was taken`,
  },
]

function renderChanges(changes: readonly SchemaChange[], verbose: boolean): string[] {
  if (changes.length === 0) return []
  const counts = CHANGES.flatMap(({ noun, nouns, is }) => {
    const count = changes.filter(is).length
    return count === 0 ? [] : [plural(count, noun, nouns)]
  })
  if (!verbose) return [`schema: ${counts.join(', ')} (-v lists them)`]
  const list = changes.flatMap((change) =>
    CHANGES.filter(({ is }) => is(change)).map(({ describe }) => `  ${describe(change)}`),
  )
  return [`schema: ${counts.join(', ')}`, ...list]
}
