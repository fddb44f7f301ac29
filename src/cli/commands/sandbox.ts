import { SluiceError } from '../../core/errors.ts'
import { didYouMean } from '../../config/suggest.ts'
import type { Sandbox, SandboxSource, SandboxSourceName } from '../../sandbox/sandbox.ts'
import type { Cli } from '../cli.ts'
import type { Effects } from '../effects.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../output.ts'
import { parseFaults } from '../parse-faults.ts'

export interface SandboxOptions {
  readonly leads?: number
  readonly seed?: number
  readonly rps?: number
  readonly latency?: number
  readonly port?: number
  /** Milliseconds since the epoch. */
  readonly endsAt?: number
  /** True where nothing more is said. */
  readonly faults?: string | true
  readonly drift?: number | true
}

export async function serveSandbox(
  cli: Cli,
  names: readonly string[],
  { latency, faults, drift, ...options }: SandboxOptions,
): Promise<ExitCode> {
  const { startSandbox, SANDBOX_SOURCES, DEFAULT_API_KEY, FAULT_KINDS } =
    await import('../../sandbox/sandbox.ts')
  const unknown = names.find((name) => !SANDBOX_SOURCES.some((source) => source === name))
  if (unknown !== undefined) {
    throw new SluiceError(
      'USAGE',
      `the sandbox has no source "${unknown}"${didYouMean(unknown, SANDBOX_SOURCES)}`,
      { hint: `its sources: ${SANDBOX_SOURCES.join(', ')}` },
    )
  }
  const sandbox = await startSandbox({
    ...options,
    ...(latency === undefined ? {} : { latencyMs: latency }),
    ...(faults === undefined ? {} : { faults: parseFaults(faults, FAULT_KINDS) }),
    ...(drift === undefined ? {} : { drift: drift === true ? true : { every: drift } }),
    sources: names.length > 0 ? (names as SandboxSourceName[]) : SANDBOX_SOURCES,
  })
  const stopped = nextInterrupt(cli.effects)
  try {
    announce(cli, sandbox, DEFAULT_API_KEY)
    await stopped
    return EXIT.ok
  } finally {
    await sandbox.stop()
  }
}

function nextInterrupt(effects: Effects): Promise<void> {
  return new Promise((resolve) => {
    const release = effects.onInterrupt(() => {
      release()
      resolve()
    })
  })
}

function announce(cli: Cli, { sources }: Sandbox, apiKey: string): void {
  const entries = Object.entries(sources)
  const variables = entries.flatMap(([, { env }]) => Object.entries(env))
  // Faults and drift are the same for all.
  const first = entries[0]![1]
  const { faults, drift } = first
  if (cli.options.json === true) {
    const urls = entries.map(([name, { url, origin }]) => [name, { url, origin }] as const)
    const env = Object.fromEntries(variables)
    cli.printJson(
      JSON.stringify({
        sources: Object.fromEntries(urls),
        api_key: apiKey,
        env,
        faults: faults.settings.rate > 0 ? faults.settings : null,
        drift: drift.settings.every > 0 ? { every: drift.settings.every } : null,
      }),
    )
    return
  }
  const rows = entries.map(([name, { url }]) => [name, url, apiKey])
  const lines = [
    renderTable({ columns: ['source', 'base_url', 'key'], rows }, cli.width),
    ...troubles(first),
    '',
    'To read from it, set these variables',
    ...variables.map(([name, value]) => `  export ${name}=${value}`),
    'or override the URL in pipelines.yaml and give the key as usual:',
    '  pipelines:',
    ...entries.flatMap(([name, { url }]) => [`    ${name}:`, `      base_url: ${url}`]),
  ]
  cli.print(lines.join('\n'))
  cli.note('running until Ctrl-C')
}

/** What makes reading hard, where anything does. */
function troubles({ faults, drift }: SandboxSource): string[] {
  const { rate, kinds } = faults.settings
  const { every } = drift.settings
  const lines: string[] = []
  if (rate > 0) {
    lines.push(
      `faults: ${Number((rate * 100).toFixed(2))} % of requests, ${Object.keys(kinds).join(', ')}`,
    )
  }
  if (every > 0) lines.push(`drift: a change each time ${every} pages of lists were read`)
  return lines.length > 0 ? ['', ...lines] : []
}
