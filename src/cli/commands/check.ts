import { relative } from 'node:path'
import { asSluiceError } from '../../core/errors.ts'
import type { Config, ResolvedPipeline } from '../../config/resolved.ts'
import { summarizeError, type ErrorSummary } from '../../run/summary.ts'
import { forEachPipeline, type Cli } from '../cli.ts'
import { EXIT, worstExitCode, type ExitCode } from '../exit-codes.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { renderTable } from '../output.ts'
import { plural } from '../units.ts'
import { withoutSubject } from '../without-subject.ts'

export interface CheckOptions {
  readonly offline?: boolean
}

/** How one part of a pipeline answered. */
interface Finding {
  readonly check: 'configuration' | 'endpoint' | 'destination'
  readonly name: string
  readonly status: 'ok' | 'failed'
  readonly result: string
  readonly error: ErrorSummary | null
}

export async function checkPipelines(
  cli: Cli,
  names: readonly string[],
  { offline = false }: CheckOptions,
): Promise<ExitCode> {
  const config = await cli.load(names)
  const interrupt = listenForInterrupt(cli.effects, cli.note)
  try {
    const codes = await forEachPipeline(cli, config.pipelines, async (pipeline) => {
      const findings = [describeFiles(config, pipeline)]
      if (!offline) {
        findings.push(...(await askEndpoints(cli, config, pipeline, interrupt.signal)))
        findings.push(await openDestination(cli, config, pipeline))
      }
      return printFindings(cli, pipeline.name, findings)
    })
    return worstExitCode(codes)
  } finally {
    interrupt.release()
  }
}

function describeFiles({ folder }: Config, { sourceFile, source }: ResolvedPipeline): Finding {
  const name = relative(folder, sourceFile)
  const result = plural(source.endpoints.length, 'endpoint')
  return { check: 'configuration', name, status: 'ok', result, error: null }
}

async function askEndpoints(
  cli: Cli,
  config: Config,
  pipeline: ResolvedPipeline,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { planEndpoints } = await import('../../run/plan.ts')
  const { checkEndpoint } = await import('../../run/preview.ts')
  const findings: Finding[] = []
  for (const { endpoint } of planEndpoints(pipeline)) {
    const { name } = endpoint
    const options = {
      endpoint,
      signal,
      clock: cli.effects.clock,
      log: cli.logger(cli.note),
    }
    findings.push(
      await attempt('endpoint', name, async () => {
        const { records } = await checkEndpoint(config, pipeline, options)
        return records > 0 ? 'answers with records' : 'answers without records'
      }),
    )
    signal.throwIfAborted()
  }
  return findings
}

async function openDestination(
  cli: Cli,
  config: Config,
  { destination, dataset }: ResolvedPipeline,
): Promise<Finding> {
  const { openDataset } = await import('../../state/dataset.ts')
  return attempt('destination', destination.name, async () => {
    const open = await openDataset({
      destination: destination.config,
      dataset,
      mode: 'read',
      folder: config.folder,
      clock: cli.effects.clock,
      log: cli.logger(cli.note),
    })
    if (!open) return `dataset ${dataset} will be created by the first sync`
    await open.close()
    return `dataset ${dataset} is there`
  })
}

async function attempt(
  check: Finding['check'],
  name: string,
  work: () => Promise<string>,
): Promise<Finding> {
  try {
    return { check, name, status: 'ok', result: await work(), error: null }
  } catch (thrown) {
    const error = asSluiceError(thrown)
    if (error.code === 'INTERRUPTED') throw error
    return { check, name, status: 'failed', result: error.code, error: summarizeError(error) }
  }
}

function printFindings(cli: Cli, pipeline: string, findings: readonly Finding[]): ExitCode {
  const failed = findings.some(({ status }) => status === 'failed')
  if (cli.options.json === true) {
    const checks = findings.map(({ check, name, status, error }) => ({
      check,
      name,
      status,
      error,
    }))
    cli.printJson(JSON.stringify({ pipeline, status: failed ? 'failed' : 'ok', checks }))
  } else {
    const rows = findings.map(({ check, name, status, result }) => [check, name, status, result])
    cli.print(`${pipeline}: ${failed ? 'failed' : 'ok'}`)
    cli.print(renderTable({ columns: ['check', 'name', 'status', 'result'], rows }, cli.width))
  }
  for (const { name, error } of findings) {
    if (error) {
      const message = withoutSubject(error.message, name)
      cli.reportPart({ ...error, message }, `${pipeline}.${name}`)
    }
  }
  return failed ? EXIT.failed : EXIT.ok
}
