import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { runProgram } from '../../src/cli/program.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { RunSummary } from '../../src/run/summary.ts'
import { recordEffects } from '../unit/cli/effects.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** How a child process ended. */
export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The built command line at work in a project. */
export interface Running {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
}

/** A folder with a pipelines.yaml of its own, in which the built command line is run. */
export interface Project extends AsyncDisposable {
  readonly folder: string
  sluice(...args: readonly string[]): Promise<Finished>
  /** As `sluice`, from the sources and in this process, which takes a tenth of the time. */
  run(...args: readonly string[]): Promise<Finished>
  /** As `sluice`, in a shell that runs `before` first: `ulimit -f 100`. */
  sluiceAfter(before: string, ...args: readonly string[]): Promise<Finished>
  /** As `sluice`, without waiting for the end. */
  start(...args: readonly string[]): Running
  /** Runs `sync --json` and parses what it prints for one pipeline. */
  sync(
    ...args: readonly string[]
  ): Promise<{ readonly code: number | null; readonly run: RunSummary }>
  /** Rows of the SQLite file of a dataset. */
  query(sql: string, dataset?: string): Record<string, unknown>[]
  /** Whether the SQLite file of a dataset exists. */
  hasDataset(dataset?: string): boolean
}

/** Writes `files` (by relative path) into a new folder; `env` is added to the environment of every command. */
export async function createProject(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-e2e-'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const children = new Set<ChildProcess>()
  const path = (dataset: string) => join(folder, 'data', `${dataset}.db`)

  function launch(command: string, args: readonly string[]): Running {
    const child = spawn(command, args, {
      cwd: folder,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(child)
    return { child, finished: finish(child) }
  }

  async function finish(child: ChildProcess): Promise<Finished> {
    let stdout = ''
    let stderr = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const [code] = (await once(child, 'close')) as [number | null]
    children.delete(child)
    return { code, stdout, stderr }
  }

  const start = (...args: readonly string[]) => launch(process.execPath, [MAIN, ...args])
  const sluice = (...args: readonly string[]) => start(...args).finished
  return {
    folder,
    start,
    sluice,
    sluiceAfter: (before, ...args) =>
      launch('sh', ['-c', `${before}; exec "$0" "$@"`, process.execPath, MAIN, ...args]).finished,
    async run(...args) {
      const effects = { ...recordEffects(), env, clock: systemClock }
      const code = await runProgram(['--config', join(folder, 'pipelines.yaml'), ...args], effects)
      return { code, stdout: effects.out(), stderr: effects.err() }
    },
    async sync(...args) {
      const { code, stdout, stderr } = await sluice('sync', '--json', ...args)
      if (stdout === '') throw new Error(`sync printed nothing on stdout; on stderr: ${stderr}`)
      return { code, run: JSON.parse(stdout) as RunSummary }
    },
    query(sql, dataset = 'shop') {
      const db = new Sqlite(path(dataset), { readonly: true })
      try {
        return db.prepare(sql).all() as Record<string, unknown>[]
      } finally {
        db.close()
      }
    },
    hasDataset: (dataset = 'shop') => existsSync(path(dataset)),
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
