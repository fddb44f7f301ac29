import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const cli = join(here, '../dist/cli/main.js')
const tsx = ['--import', 'tsx']
const ROUNDS = 5

interface Measure {
  readonly ms: number
  readonly peakMb: number
}

/** Runs a node process to its end; throws with its output when it fails. */
async function measure(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Measure> {
  const preload = join(here, 'peak-memory.js')
  const began = performance.now()
  const child = spawn(process.execPath, ['--import', preload, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const output: Buffer[] = []
  let peak = ''
  child.stdout!.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr!.on('data', (chunk: Buffer) => output.push(chunk))
  child.stdio[3]!.on('data', (chunk: Buffer) => (peak += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0)
    throw new Error(`${args.join(' ')} ended with ${code}:\n${Buffer.concat(output).toString()}`)
  return { ms: performance.now() - began, peakMb: Number(peak) / 1024 }
}

async function startServer(leads: number) {
  const child = spawn(process.execPath, [...tsx, join(here, 'server.ts'), String(leads)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { url, bytes } = JSON.parse(line.toString()) as { url: string; bytes: number }
  return { url, bytes, stop: () => child.kill() }
}

function writeProject(folder: string, url: string): void {
  writeFileSync(
    join(folder, 'pipelines.yaml'),
    `destinations: { local: { type: sqlite, path: "{dataset}.db" } }
pipelines: { bench: { source: source.yaml } }
`,
  )
  writeFileSync(
    join(folder, 'source.yaml'),
    `base_url: ${url}
auth: { type: none }
endpoints:
  - name: leads
    path: /lead/
    data_selector: data
    primary_key: id
    pagination: { type: offset, limit_param: _limit, offset_param: _skip, limit: 100 }
    incremental: { cursor_path: date_updated, client_side: true, lookback: P9999D }
`,
  )
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!

function summarize(name: string, runs: readonly Measure[]) {
  return {
    case: name,
    median_s: Number((median(runs.map(({ ms }) => ms)) / 1000).toFixed(2)),
    peak_mb: Math.round(median(runs.map(({ peakMb }) => peakMb))),
  }
}

const server = await startServer(20_000)
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
try {
  writeProject(folder, server.url)
  const first: Measure[] = []
  const second: Measure[] = []
  const floor: Measure[] = []
  const sync = [cli, '--config', join(folder, 'pipelines.yaml'), 'sync', '--progress', 'none']
  for (let round = 0; round < ROUNDS; round++) {
    for (const file of ['bench.db', 'floor.db']) {
      for (const suffix of ['', '-wal', '-shm'])
        rmSync(join(folder, file + suffix), { force: true })
    }
    await fetch(`${server.url}version/0`, { method: 'POST' })
    floor.push(await measure([join(here, 'floor.js'), server.url, join(folder, 'floor.db')]))
    first.push(await measure(sync))
    await fetch(`${server.url}version/1`, { method: 'POST' })
    second.push(await measure(sync))
  }
  const results = [
    summarize('by hand: 20,000 nested leads, SQLite', floor),
    summarize('first load: 20,000 nested leads, SQLite', first),
    summarize('second run, every lead changed, SQLite', second),
  ]
  for (const { case: name, median_s, peak_mb } of results) {
    process.stdout.write(`${name.padEnd(45)} ${median_s.toFixed(2)} s  ${peak_mb} MB\n`)
  }
  const about = { node: process.version, json_mb: Math.round(server.bytes / 1e6), rounds: ROUNDS }
  writeFileSync(join(here, 'results.json'), `${JSON.stringify({ about, results }, null, 2)}\n`)
} finally {
  server.stop()
  rmSync(folder, { recursive: true })
}
