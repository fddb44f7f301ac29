import type { ResolvedPipeline } from '../../config/resolved.ts'
import { forEachPipeline, type Cli } from '../cli.ts'
import { exitCodeOfRun, worstExitCode, type ExitCode } from '../exit-codes.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { parseNames, parseWhole } from '../option-values.ts'
import { openProgress } from '../progress.ts'
import type { DefineCommand } from '../program.ts'
import { printSummary } from '../render-summary.ts'

interface Options {
  readonly endpoint?: readonly string[]
  readonly fullRefresh?: boolean
  readonly dryRun?: boolean
  readonly allowDeletes?: boolean
  readonly maxPages?: number
}

export const defineSync: DefineCommand = (program, run) => {
  program
    .command('sync')
    .description('read everything since the bookmarks and commit it')
    .argument('[pipeline...]', 'pipelines to run, one after another; default: all')
    .option('-e, --endpoint <names>', 'only these endpoints, with commas between', parseNames)
    .option('--full-refresh', 'forget bookmarks and read everything again')
    .option('--dry-run', 'read and count, write nothing')
    .option('--allow-deletes', 'delete what is gone at the source, however much it is')
    .option('--max-pages <n>', 'pages each endpoint may read', parseWhole(1))
    .action((pipelines: string[], options: Options) =>
      run((cli) => syncPipelines(cli, pipelines, options)),
    )
}

async function syncPipelines(
  cli: Cli,
  names: readonly string[],
  options: Options,
): Promise<ExitCode> {
  const { planEndpoints } = await import('../../run/plan.ts')
  const config = await cli.load(names)
  // A misspelt endpoint stops everything, before the first pipeline has been run.
  for (const pipeline of config.pipelines) planEndpoints(pipeline, options.endpoint ?? null)
  const { sync } = await import('../../run/sync.ts')

  const syncOne = async (pipeline: ResolvedPipeline): Promise<ExitCode> => {
    const progress = await openProgress(cli, pipeline.name)
    const interrupt = listenForInterrupt(cli.effects, progress.line)
    try {
      const summary = await sync(config, pipeline.name, {
        ...options,
        endpoints: options.endpoint,
        trigger: 'cli',
        signal: interrupt.signal,
        clock: cli.effects.clock,
        log: cli.logger(progress.line),
        onEvent: progress.onEvent,
      })
      progress.stop()
      printSummary(cli, summary, options.dryRun === true ? 'dry run' : 'run')
      return exitCodeOfRun(summary)
    } finally {
      progress.stop()
      interrupt.release()
    }
  }
  return worstExitCode(await forEachPipeline(cli, config.pipelines, syncOne))
}
