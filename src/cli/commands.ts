import type { Command } from 'commander'
import type { Cli } from './cli.ts'
import type { BackfillOptions } from './commands/backfill.ts'
import type { CheckOptions } from './commands/check.ts'
import type { PlanOptions } from './commands/plan.ts'
import type { PreviewOptions } from './commands/preview.ts'
import type { SandboxOptions } from './commands/sandbox.ts'
import type { ResetOptions, SetOptions } from './commands/state.ts'
import type { StatusOptions } from './commands/status.ts'
import type { SyncOptions } from './commands/sync.ts'
import type { ExitCode } from './exit-codes.ts'
import { parseAge, parseInstant, parseNames, parsePositive, parseWhole } from './option-values.ts'

/** Does the work of a command, and keeps the exit code it ends with. */
export type RunCommand = (work: (cli: Cli) => Promise<ExitCode>) => Promise<void>

/** Adds one command to the program: its arguments and options. What it does is loaded when it runs. */
type DefineCommand = (program: Command, run: RunCommand) => void

const defineCheck: DefineCommand = (program, run) => {
  program
    .command('check')
    .description('validate the files, then ask every endpoint and the destination once')
    .argument('[pipeline...]', 'default: all')
    .option('--offline', 'only the files')
    .action((pipelines: string[], options: CheckOptions) =>
      run(async (cli) => {
        const { checkPipelines } = await import('./commands/check.ts')
        return checkPipelines(cli, pipelines, options)
      }),
    )
}

const definePlan: DefineCommand = (program, run) => {
  program
    .command('plan')
    .description('what a sync would request, from which bookmarks; asks for nothing')
    .argument('<pipeline>')
    .option('-e, --endpoint <names>', 'only these endpoints, with commas between', parseNames)
    .option('--full-refresh', 'as if bookmarks were forgotten')
    .action((pipeline: string, options: PlanOptions) =>
      run(async (cli) => {
        const { showPlan } = await import('./commands/plan.ts')
        return showPlan(cli, pipeline, options)
      }),
    )
}

const definePreview: DefineCommand = (program, run) => {
  program
    .command('preview')
    .description('first records of an endpoint as a table, and the schema they would get')
    .argument('<pipeline>')
    .requiredOption('-e, --endpoint <name>', 'the endpoint to read')
    .option('-n, --limit <n>', 'records to read', parseWhole(1), 20)
    .action((pipeline: string, options: PreviewOptions) =>
      run(async (cli) => {
        const { showPreview } = await import('./commands/preview.ts')
        return showPreview(cli, pipeline, options)
      }),
    )
}

const defineSync: DefineCommand = (program, run) => {
  program
    .command('sync')
    .description('read everything since the bookmarks and commit it')
    .argument('[pipeline...]', 'pipelines to run, one after another; default: all')
    .option('-e, --endpoint <names>', 'only these endpoints, with commas between', parseNames)
    .option('--full-refresh', 'forget bookmarks and read everything again')
    .option('--dry-run', 'read and count, write nothing')
    .option('--allow-deletes', 'delete what is gone at the source, however much it is')
    .option('--max-pages <n>', 'pages each endpoint may read', parseWhole(1))
    .action((pipelines: string[], options: SyncOptions) =>
      run(async (cli) => {
        const { syncPipelines } = await import('./commands/sync.ts')
        return syncPipelines(cli, pipelines, options)
      }),
    )
}

const defineBackfill: DefineCommand = (program, run) => {
  program
    .command('backfill')
    .description('read a bounded range in windows, beside the bookmarks; repeat it to go on')
    .argument('<pipeline>')
    .requiredOption('-e, --endpoint <names>', 'which, with commas between', parseNames)
    .requiredOption('--from <value>', 'where the range begins: a day, a date-time, a cursor')
    .option('--to <value>', 'where it ends, this value left out; default: now')
    .option('--full-refresh', 'read windows again that are done')
    .action((pipeline: string, options: BackfillOptions) =>
      run(async (cli) => {
        const { backfillPipeline } = await import('./commands/backfill.ts')
        return backfillPipeline(cli, pipeline, options)
      }),
    )
}

const defineStatus: DefineCommand = (program, run) => {
  program
    .command('status')
    .description('last run, freshness, bookmarks, rows per table')
    .argument('[pipeline...]', 'default: all')
    .option(
      '--max-age <duration>',
      'exit 1 when the last good run is older, or never was',
      parseAge,
    )
    .action((pipelines: string[], options: StatusOptions) =>
      run(async (cli) => {
        const { showStatus } = await import('./commands/status.ts')
        return showStatus(cli, pipelines, options)
      }),
    )
}

const defineState: DefineCommand = (program, run) => {
  const state = program.command('state').description('bookmarks: show, set or forget them')
  state
    .command('show')
    .description('how far each endpoint is read')
    .argument('<pipeline>')
    .action((pipeline: string) =>
      run(async (cli) => {
        const { showBookmarks } = await import('./commands/state.ts')
        return showBookmarks(cli, pipeline)
      }),
    )
  state
    .command('set')
    .description('everything up to a value of the cursor counts as read')
    .argument('<pipeline>')
    .argument('<value>', 'a day, a date-time, a cursor')
    .requiredOption('-e, --endpoint <name>', 'whose bookmark')
    .option('--partition <json>', 'the list of one parent; default: all of the endpoint')
    .action((pipeline: string, value: string, options: SetOptions) =>
      run(async (cli) => {
        const { setBookmark } = await import('./commands/state.ts')
        return setBookmark(cli, pipeline, value, options)
      }),
    )
  state
    .command('reset')
    .description('forget how far endpoints are read: the next sync reads everything again')
    .argument('<pipeline>')
    .option('-e, --endpoint <names>', 'which, with commas between; default: all', parseNames)
    .action((pipeline: string, options: ResetOptions) =>
      run(async (cli) => {
        const { resetBookmarks } = await import('./commands/state.ts')
        return resetBookmarks(cli, pipeline, options)
      }),
    )
}

/** Written out: --help doesn't load the sandbox. */
const WAYS_TO_FAIL = '429,500,502,503,504,reset,cut,truncated,html,slow'

const defineSandbox: DefineCommand = (program, run) => {
  program
    .command('sandbox')
    .description('local servers that behave like the real APIs, with made-up data')
    .argument('[source...]', 'default: all there are')
    .option('--leads <n>', 'how much data; default: 200 leads', parseWhole(0))
    .option('--seed <n>', 'the same seed makes the same data', parseWhole(0))
    .option('--rps <n>', 'requests per second before it answers 429', parsePositive)
    .option('--latency <ms>', 'how long every answer takes', parseWhole(0))
    .option(
      '--port <n>',
      'of the first server, the others follow; default: free ones',
      parseWhole(0),
    )
    .option(
      '--ends-at <time>',
      'when the data ends; default: the same day for everybody',
      parseInstant,
    )
    .option(
      '--faults [rate|kind,...]',
      `a share of the requests fail; default: 0.1, in all these ways: ${WAYS_TO_FAIL}`,
    )
    .option(
      '--drift [n]',
      'the data changes each time n pages of lists were read; default: 3',
      parseWhole(1),
    )
    .action((sources: string[], options: SandboxOptions) =>
      run(async (cli) => {
        const { serveSandbox } = await import('./commands/sandbox.ts')
        return serveSandbox(cli, sources, options)
      }),
    )
}

/** In the order in which --help lists them. */
export const COMMANDS: readonly DefineCommand[] = [
  defineCheck,
  definePlan,
  definePreview,
  defineSync,
  defineBackfill,
  defineStatus,
  defineState,
  defineSandbox,
]
