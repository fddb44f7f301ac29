import { resetState, setState, showState, type ListState } from '../../run/bookmarks.ts'
import { isList } from '../../run/partitions.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../output.ts'
import { plural } from '../units.ts'

export async function showBookmarks(cli: Cli, pipeline: string): Promise<ExitCode> {
  const config = await cli.load([pipeline])
  const lists = await showState(config, pipeline)
  const read = lists.filter(({ partition }) => isList(partition))
  if (cli.options.json === true) cli.printJson(JSON.stringify({ pipeline, state: lists }))
  else cli.print(renderState(pipeline, read, cli))
  return EXIT.ok
}

export interface SetOptions {
  readonly endpoint: string
  readonly partition?: string
}

export async function setBookmark(
  cli: Cli,
  pipeline: string,
  value: string,
  options: SetOptions,
): Promise<ExitCode> {
  const config = await cli.load([pipeline])
  const changes = await setState(config, pipeline, { ...options, value, clock: cli.effects.clock })
  const { endpoint } = options
  if (cli.options.json === true) cli.printJson(JSON.stringify({ pipeline, endpoint, changes }))
  else {
    for (const { partition, before, after } of changes) {
      const list = partition === '' ? endpoint : `${endpoint} ${partition}`
      cli.print(`${list}: ${before ?? 'no bookmark'} -> ${after}`)
    }
  }
  const appends = config.pipelines[0]!.source.endpoints.some(
    ({ name, write_disposition: disposition }) => name === endpoint && disposition === 'append',
  )
  if (appends && changes.some(({ back }) => back)) {
    cli.note(`${endpoint} is appended to: what it reads again is in its table twice from then on`)
  }
  return EXIT.ok
}

export interface ResetOptions {
  readonly endpoint?: readonly string[]
}

export async function resetBookmarks(
  cli: Cli,
  pipeline: string,
  { endpoint }: ResetOptions,
): Promise<ExitCode> {
  const config = await cli.load([pipeline])
  const endpoints = await resetState(config, pipeline, { endpoints: endpoint })
  if (cli.options.json === true) cli.printJson(JSON.stringify({ pipeline, endpoints }))
  else cli.print(`${pipeline}: forgotten: ${endpoints.join(', ') || 'nothing was there'}`)
  return EXIT.ok
}

function renderState(pipeline: string, lists: readonly ListState[], { width }: Cli): string {
  if (lists.length === 0) return `${pipeline}: no bookmarks`
  const rows = lists.map((list) => [
    list.endpoint,
    list.partition,
    list.cursor,
    list.gaps.map(spellRange).join(', '),
    backfillOf(list),
    list.updated_at,
  ])
  const used = ['endpoint', 'partition', 'bookmark', 'gaps', 'backfilled', 'updated'].map(
    (heading, at) => ({ heading, at, isUsed: rows.some((row) => (row[at] ?? '') !== '') }),
  )
  const shown = used.filter(({ isUsed, at }) => isUsed || at === 2)
  return renderTable(
    {
      columns: shown.map(({ heading }) => heading),
      rows: rows.map((row) => shown.map(({ at }) => row[at] ?? null)),
    },
    width,
  )
}

function backfillOf({ backfilled, windows_left: left }: ListState): string {
  const ranges = backfilled.map(spellRange)
  if (left > 0) ranges.push(`${plural(left, 'window')} left`)
  return ranges.join(', ')
}

function spellRange({ from, to }: { from: string | null; to: string | null }): string {
  return `${short(from)} to ${short(to)}`
}

/** A time without what is zero at its end. */
function short(text: string | null): string {
  return (text ?? '').replace(/\.000000Z$/, 'Z').replace(/T00:00:00Z$/, '')
}
