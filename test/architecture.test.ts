import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** Each folder may import from itself and from those before it. */
const STAGES = ['core', 'http', 'extract', 'normalize', 'load', 'state', 'config', 'run', 'cli']

interface SourceFile {
  /** Relative to src. */
  readonly path: string
  readonly folder: string
  readonly code: string
  readonly imports: readonly { readonly from: string; readonly typeOnly: boolean }[]
}

const IMPORT =
  /^(?:import|export)\s+(type\s+)?(?:[^'"();]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

const files: readonly SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    // Comments may speak of imports and consoles; code is what counts.
    const code = readFileSync(join(SRC, path), 'utf8').replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '')
    const imports = [...code.matchAll(IMPORT)].map(([, type, named, dynamic]) => ({
      from: resolveImport(path, (named ?? dynamic)!),
      typeOnly: type !== undefined,
    }))
    return { path, folder: path.split('/')[0]!, code, imports }
  })

/** The path below src of a relative import; the name of a package as it is. */
function resolveImport(path: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  return relative(SRC, join(SRC, dirname(path), specifier))
}

function importersOf(specifier: string): string[] {
  return files
    .filter(({ imports }) => imports.some(({ from }) => from === specifier))
    .map(({ path }) => path)
}

describe('architecture', () => {
  it('sees the imports it judges', () => {
    const program = files.find(({ path }) => path === 'cli/program.ts')!
    expect(program.imports.map(({ from }) => from)).toContain('cli/commands/sync.ts')
    const sync = files.find(({ path }) => path === 'cli/commands/sync.ts')!
    expect(sync.imports).toContainEqual({ from: 'run/sync.ts', typeOnly: false })
    expect(sync.imports).toContainEqual({ from: 'config/resolved.ts', typeOnly: true })
  })

  it('lets imports point one way only', () => {
    const wrong = files.flatMap(({ path, folder, imports }) =>
      imports
        .filter(({ from }) => from.includes('/') && from.endsWith('.ts'))
        .filter(({ from }) => !mayImport(folder, from.split('/')[0]!))
        .map(({ from }) => `${path} imports ${from}`),
    )
    expect(wrong).toEqual([])
  })

  it('has every folder in its place', () => {
    const folders = new Set(files.filter(({ path }) => path.includes('/')).map((f) => f.folder))
    expect([...folders].sort()).toEqual([...STAGES, 'sandbox'].sort())
  })

  it('has no default exports', () => {
    const wrong = files.filter(({ code }) => /^export\s+default\b|\bas\s+default\b/m.test(code))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  it('writes to the console nowhere but in the command line', () => {
    const wrong = files.filter(
      ({ folder, code }) =>
        folder !== 'cli' && /\bconsole\s*\.|\bprocess\s*\.\s*(?:stdout|stderr)\b/.test(code),
    )
    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  it('ends the process in one place', () => {
    const wrong = files.filter(({ code }) => /\bprocess\s*\.\s*exit\s*\(/.test(code))
    expect(wrong.map(({ path }) => path)).toEqual(['cli/effects.ts'])
  })

  it.each([
    ['got', ['http/client.ts']],
    ['p-retry', ['http/retry.ts']],
    ['commander', ['cli/option-values.ts', 'cli/program.ts']],
    ['cli-progress', ['cli/live-lines.ts']],
  ])('imports %s where it belongs', (name, paths) => {
    expect(importersOf(name).sort()).toEqual(paths)
  })

  it('starts without the parts that only commands need', () => {
    const heavy = files
      .filter(({ folder }) => folder === 'cli')
      .flatMap(({ path, code }) =>
        [...code.matchAll(/^import\s+(?!type\b)[^'"]*['"]([^'"]+)['"]/gm)]
          .map(([, specifier]) => resolveImport(path, specifier!))
          .filter((from) => /^(?:run|state|load|http|extract|normalize|sandbox)\//.test(from))
          // The shape of results and errors, without the machinery behind them.
          .filter((from) => from !== 'run/summary.ts')
          .map((from) => `${path} imports ${from}`),
      )
    expect(heavy).toEqual([])
  })
})

function mayImport(importer: string, imported: string): boolean {
  if (importer === imported || importer === 'index.ts') return true
  if (importer === 'sandbox') return imported === 'core'
  if (imported === 'sandbox') return importer === 'cli'
  return STAGES.indexOf(imported) >= 0 && STAGES.indexOf(imported) < STAGES.indexOf(importer)
}
