import { status, type PipelineStatus } from '../../run/status.ts'
import { forEachPipeline, type Cli } from '../cli.ts'
import { EXIT, worstExitCode, type ExitCode } from '../exit-codes.ts'
import { renderTable, type Table } from '../output.ts'
import { formatMillis } from '../units.ts'

export interface StatusOptions {
  /** Milliseconds. */
  readonly maxAge?: number
}

export async function showStatus(
  cli: Cli,
  names: readonly string[],
  options: StatusOptions,
): Promise<ExitCode> {
  const config = await cli.load(names)
  const codes = await forEachPipeline(cli, config.pipelines, async ({ name }) => {
    const found = await status(config, name, { clock: cli.effects.clock })
    if (cli.options.json === true) cli.printJson(JSON.stringify(found))
    else cli.print(renderStatus(found, cli.width))
    return isStale(found, options) ? EXIT.failed : EXIT.ok
  })
  return worstExitCode(codes)
}

function isStale({ age_ms: age }: PipelineStatus, { maxAge }: StatusOptions): boolean {
  return maxAge !== undefined && (age === null || age > maxAge)
}

function renderStatus(found: PipelineStatus, width: number): string {
  const { pipeline, last_run: last, bookmarks, rows } = found
  if (!last) return `${pipeline}: never ran`
  const error = last.error === null ? [] : [`last error: ${last.error}`]
  const sections = [[`${pipeline}: ${describeRun(found, last)}`, ...error].join('\n')]
  if (bookmarks.length > 0) {
    sections.push(renderTable(tabulateBookmarks(bookmarks), width))
  }
  if (Object.keys(rows).length > 0) {
    sections.push(renderTable({ columns: ['table', 'rows'], rows: Object.entries(rows) }, width))
  }
  return `${sections.join('\n\n')}\n`
}

function describeRun(
  { age_ms: age }: PipelineStatus,
  { status, startedAt }: NonNullable<PipelineStatus['last_run']>,
): string {
  const fresh = age === null ? 'no run has ended well yet' : `fresh ${formatMillis(age)} ago`
  return `last run ${status}, started ${startedAt}; ${fresh}`
}

/** One line per endpoint; where there is a bookmark per parent, their number stands for them. */
function tabulateBookmarks(bookmarks: PipelineStatus['bookmarks']): Table {
  const endpoints = new Set(bookmarks.map(({ endpoint }) => endpoint))
  const rows = [...endpoints].map((name) => {
    const own = bookmarks.filter(({ endpoint }) => endpoint === name)
    const updated = own.map(({ updated_at: at }) => at).sort()
    const bookmark = own.length === 1 ? own[0]!.cursor : `${own.length} parents`
    return [name, bookmark, updated.at(-1) ?? null]
  })
  return { columns: ['endpoint', 'bookmark', 'updated'], rows }
}
