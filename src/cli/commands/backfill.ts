import { backfill } from '../../run/backfill.ts'
import { forEachPipeline, type Cli } from '../cli.ts'
import { exitCodeOfRun, worstExitCode, type ExitCode } from '../exit-codes.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { openProgress } from '../progress.ts'
import { printSummary } from '../render-summary.ts'

export interface BackfillOptions {
  readonly endpoint: readonly string[]
  readonly from: string
  readonly to?: string
  readonly fullRefresh?: boolean
}

export async function backfillPipeline(
  cli: Cli,
  name: string,
  options: BackfillOptions,
): Promise<ExitCode> {
  const config = await cli.load([name])
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
