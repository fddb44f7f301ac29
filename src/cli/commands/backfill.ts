import { forEachPipeline, type Cli } from '../cli.ts'
import { exitCodeOfRun, worstExitCode, type ExitCode } from '../exit-codes.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { parseNames } from '../option-values.ts'
import { openProgress } from '../progress.ts'
import type { DefineCommand } from '../program.ts'
import { printSummary } from '../render-summary.ts'

interface Options {
  readonly endpoint: readonly string[]
  readonly from: string
  readonly to?: string
  readonly fullRefresh?: boolean
}

export const defineBackfill: DefineCommand = (program, run) => {
  program
    .command('backfill')
    .description('read a bounded range in windows, beside the bookmarks; repeat it to go on')
    .argument('<pipeline>')
    .requiredOption('-e, --endpoint <names>', 'which, with commas between', parseNames)
    .requiredOption('--from <value>', 'where the range begins: a day, a date-time, a cursor')
    .option('--to <value>', 'where it ends, this value left out; default: now')
    .option('--full-refresh', 'read windows again that are done')
    .action((pipeline: string, options: Options) =>
      run((cli) => backfillPipeline(cli, pipeline, options)),
    )
}

async function backfillPipeline(cli: Cli, name: string, options: Options): Promise<ExitCode> {
  const config = await cli.load([name])
  const { backfill } = await import('../../run/backfill.ts')
  const codes = await forEachPipeline(cli, config.pipelines, async (pipeline) => {
    const progress = await openProgress(cli, pipeline.name)
    const interrupt = listenForInterrupt(cli.effects, progress.line)
    try {
      const summary = await backfill(config, pipeline.name, {
        endpoints: options.endpoint,
        from: options.from,
        to: options.to,
        fullRefresh: options.fullRefresh ?? false,
        trigger: 'cli',
        signal: interrupt.signal,
        clock: cli.effects.clock,
        log: cli.logger(progress.line),
        onEvent: progress.onEvent,
      })
      progress.stop()
      printSummary(cli, summary, 'run')
      return exitCodeOfRun(summary)
    } finally {
      progress.stop()
      interrupt.release()
    }
  })
  return worstExitCode(codes)
}
