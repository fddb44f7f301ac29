import { createLogger, type LogFields, type Logger, type LogLevel } from '../core/log.ts'
import { createRedactor, type Redactor } from '../core/redact.ts'
import type { Config } from '../config/resolved.ts'
import type { ErrorSummary } from '../run/summary.ts'
import type { Effects } from './effects.ts'
import { EXIT, exitCodeOfError, type ExitCode } from './exit-codes.ts'
import { reportError, reportPart } from './report-error.ts'

export type ProgressKind = 'auto' | 'bar' | 'log' | 'none'

/** The options that stand before or after any command. */
export interface GlobalOptions {
  readonly config: string
  readonly envFile?: string
  readonly json?: boolean
  readonly progress: ProgressKind
  readonly verbose?: boolean
  readonly quiet?: boolean
}

/** What every command is given: the global options, and where its results and messages go. */
export interface Cli {
  readonly effects: Effects
  readonly options: GlobalOptions
  /** Reads the configuration; from then on its secrets are kept out of every message. */
  load(pipelines: readonly string[]): Promise<Config>
  /** Prints one result for people. */
  print(text: string): void
  /** Prints one result as a line of JSON. */
  printJson(text: string): void
  /** Says something about the work on stderr; silent with `-q`. */
  readonly note: (text: string) => void
  /** Prints an error, and says which exit code it stands for. */
  report(thrown: unknown, pipeline?: string): ExitCode
  /** Prints an error that is already part of a result; `subject` is what failed: `close.leads`. */
  reportPart(error: ErrorSummary, subject: string): void
  /** A logger whose lines go to `write`: warnings and news; everything with `-v`, nothing with `-q`. */
  logger(write: (line: string) => void): Logger
  /** Columns that a table on stdout may take. */
  readonly width: number
}

export function createCli(effects: Effects, options: GlobalOptions): Cli {
  const { stdout, stderr } = effects
  const verbose = options.verbose === true
  let redact: Redactor = (text) => text
  const json = options.json === true
  const reporter = () => ({ stdout, stderr, verbose, json, redact })

  return {
    effects,
    options,
    width: stdout.isTTY === true ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY,
    async load(pipelines) {
      const { loadConfig } = await import('../config/load.ts')
      const config = await loadConfig(options.config, {
        env: effects.env,
        envFile: options.envFile,
        pipelines: pipelines.length > 0 ? pipelines : undefined,
      })
      redact = createRedactor(config.secrets)
      return config
    },
    print: (text) => void stdout.write(`${text}\n`),
    printJson: (text) => void stdout.write(`${text}\n`),
    note: (text) => {
      if (options.quiet !== true) stderr.write(`${redact(text)}\n`)
    },
    report: (thrown, pipeline) =>
      exitCodeOfError(reportError(thrown, reporter(), pipeline ?? null)),
    reportPart: (error, subject) => reportPart(error, reporter(), subject),
    logger(write) {
      const line = (level: LogLevel, message: string, fields: LogFields) => {
        // Errors are reported once, with their hints, when the run is over.
        if (level === 'error' && !verbose) return
        const facts = verbose && Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ''
        write(redact(`${level === 'info' ? '' : `${level}: `}${message}${facts}`))
      }
      return createLogger(line, options.quiet === true ? 'error' : verbose ? 'debug' : 'info')
    },
  }
}

/**
 * Does something for each pipeline in turn. One that fails says so and does not keep the others from their
 * turn, unless the user interrupted.
 *
 * @returns the worst exit code of all
 */
export async function forEachPipeline<T extends { readonly name: string }>(
  cli: Cli,
  pipelines: readonly T[],
  work: (pipeline: T) => Promise<ExitCode>,
): Promise<readonly ExitCode[]> {
  const codes: ExitCode[] = []
  for (const pipeline of pipelines) {
    try {
      codes.push(await work(pipeline))
    } catch (thrown) {
      codes.push(cli.report(thrown, pipeline.name))
    }
    if (codes.at(-1) === EXIT.interrupted) break
  }
  return codes
}
