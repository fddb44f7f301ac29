import { Command, CommanderError, Option } from 'commander'
import { SluiceError } from '../core/errors.ts'
import { VERSION } from '../core/version.ts'
import type { GlobalOptions, ProgressKind } from './cli.ts'
import { COMMANDS, type RunCommand } from './commands.ts'
import type { Effects } from './effects.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { choice } from './option-values.ts'

const PROGRESS_KINDS: readonly ProgressKind[] = ['auto', 'bar', 'log', 'none']

/** The command line, ready to parse; `finish` is told the exit code of the command that ran. */
export function buildProgram(effects: Effects, finish: (code: ExitCode) => void): Command {
  const program = new Command('sluice')
    .description('Brings REST APIs described in YAML into SQLite or Postgres, incrementally.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--config <file>', 'the pipelines and where they go', 'pipelines.yaml')
    .option('--env-file <file>', 'variables; default: .env beside pipelines.yaml')
    .option('--json', 'print results as JSON, one object per pipeline')
    .addOption(
      choice(
        new Option('--progress <kind>', 'what is shown of the work on stderr'),
        PROGRESS_KINDS,
      ).default('auto'),
    )
    .option('-v, --verbose', 'say more; errors with their stack traces')
    .addOption(new Option('-q, --quiet', 'errors and results only').conflicts('verbose'))
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void effects.stdout.write(text),
      writeErr: (text) => void effects.stderr.write(text),
      // Errors of the command line are reported like all others.
      outputError: () => {},
    })
  const run: RunCommand = async (work) => {
    const { createCli } = await import('./cli.ts')
    const cli = createCli(effects, program.opts<GlobalOptions>())
    // Node would print the whole object, and with it perhaps a request and its credentials.
    effects.onUncaught((thrown) => {
      cli.report(thrown)
      effects.exit(EXIT.failed)
    })
    try {
      finish(await work(cli))
    } catch (thrown) {
      finish(cli.report(thrown))
    }
  }
  for (const define of COMMANDS) define(program, run)
  return program
}

/** Runs one command line (without the program's name); the exit code. */
export async function runProgram(argv: readonly string[], effects: Effects): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok
  const program = buildProgram(effects, (ended) => (code = ended))
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok
    // `sluice` alone: commander has printed the help.
    if (thrown instanceof CommanderError && thrown.code === 'commander.help') return EXIT.usage
    const { createCli } = await import('./cli.ts')
    const options = { ...program.opts<GlobalOptions>(), json: argv.includes('--json') }
    return createCli(effects, options).report(
      thrown instanceof CommanderError ? usageError(thrown) : thrown,
    )
  }
}

/** What commander found wrong: `error: unknown command 'snyc'`, and perhaps `(Did you mean sync?)`. */
function usageError({ message }: CommanderError): SluiceError {
  const [problem = '', suggestion] = message.replace(/^error: /, '').split('\n')
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1').replace('Did you mean', 'did you mean')
  return new SluiceError('USAGE', problem, { hint: hint ?? 'sluice --help lists what there is' })
}

const EXIT_CODES = `
Exit codes: 0 ok; 1 failed; 2 usage or configuration; 3 some endpoints failed, the rest is committed;
75 another run holds the dataset; 130 interrupted.`
