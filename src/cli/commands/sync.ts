import type { ResolvedPipeline } from '../../config/resolved.ts'
import { planEndpoints } from '../../run/plan.ts'
import { sync } from '../../run/sync.ts'
import { forEachPipeline, type Cli } from '../cli.ts'
import { exitCodeOfRun, worstExitCode, type ExitCode } from '../exit-codes.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { openProgress } from '../progress.ts'
import { printSummary } from '../render-summary.ts'

export interface SyncOptions {
  readonly endpoint?: readonly string[]
  readonly fullRefresh?: boolean
  readonly dryRun?: boolean
  readonly allowDeletes?: boolean
  readonly maxPages?: number
}

export async function syncPipelines(
  cli: Cli,
  names: readonly string[],
  options: SyncOptions,
): Promise<ExitCode> {
  const config = await cli.load(names)
  // A misspelt endpoint stops everything, before the first pipeline has been run.
  for (const pipeline of config.pipelines) planEndpoints(pipeline, options.endpoint ?? null)

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
