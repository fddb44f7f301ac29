import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** Each folder may import from itself and from those before it. */
const STAGES = ['core', 'http', 'extract', 'normalize', 'load', 'state', 'config', 'run', 'cli']

interface Import {
  readonly from: string
  readonly typeOnly: boolean
  /** Whether it happens when the file is loaded, or when an `import()` in it is reached. */
  readonly when: 'loaded' | 'reached'
}

interface SourceFile {
  /** Relative to src. */
  readonly path: string
  readonly folder: string
  readonly code: string
  readonly imports: readonly Import[]
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
      when: dynamic === undefined ? ('loaded' as const) : ('reached' as const),
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

/** The files and packages that are loaded with some files. */
function loadedWith(...paths: readonly string[]): string[] {
  const loaded = new Set(paths)
  for (const path of loaded) {
    const own = files.find((file) => file.path === path)?.imports ?? []
    for (const { from, typeOnly, when } of own) {
      if (!typeOnly && when === 'loaded') loaded.add(from)
    }
  }
  return [...loaded].filter((from) => !from.startsWith('node:'))
}

describe('architecture', () => {
  it('sees the imports it judges', () => {
    const commands = files.find(({ path }) => path === 'cli/commands.ts')!
    const from = 'cli/commands/sync.ts'
    expect(commands.imports).toContainEqual({ from, typeOnly: true, when: 'loaded' })
    expect(commands.imports).toContainEqual({ from, typeOnly: false, when: 'reached' })
    const sync = files.find(({ path }) => path === 'cli/commands/sync.ts')!
    expect(sync.imports).toContainEqual({ from: 'run/sync.ts', typeOnly: false, when: 'loaded' })
    expect(sync.imports).toContainEqual({
      from: 'config/resolved.ts',
      typeOnly: true,
      when: 'loaded',
    })
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
    ['commander', ['cli/commands.ts', 'cli/option-values.ts', 'cli/program.ts']],
    ['cli-progress', ['cli/live-lines.ts']],
  ])('imports %s where it belongs', (name, paths) => {
    expect(importersOf(name).sort()).toEqual(paths)
  })

  it('starts without what only some commands need', () => {
    const loaded = loadedWith('cli/main.ts')
    expect(loaded.filter((from) => !from.endsWith('.ts'))).toEqual(['commander'])
    const others = loaded.filter((from) => from.endsWith('.ts') && !/^(?:cli|core)\//.test(from))
    expect(others).toEqual(['config/suggest.ts'])
  })

  it('reads the configuration without any driver', () => {
    const loaded = loadedWith('cli/cli.ts', 'cli/commands/check.ts', 'config/load.ts')
    const packages = loaded.filter((from) => !from.endsWith('.ts'))
    expect(packages.sort()).toEqual(['p-retry', 'yaml', 'zod'])
    expect(loaded).toContain('config/schema.ts')
    expect(loaded).not.toContain('config/json-schema.ts')
  })

  it.each([
    ['sqlite', 'better-sqlite3', 'pg'],
    ['postgres', 'pg', 'better-sqlite3'],
  ])('reads into %s with %s and without %s', (type, driver, other) => {
    const loaded = loadedWith('cli/cli.ts', 'cli/commands/sync.ts', 'config/load.ts')
    expect(loaded).not.toContain(driver)
    loaded.push(...loadedWith(`load/${type}.ts`))
    expect(loaded).toContain(driver)
    expect(loaded).not.toContain(other)
    expect(loaded).not.toContain('cli-progress')
    expect(loaded.filter((from) => from.startsWith('sandbox/'))).toEqual([])
  })
})

function mayImport(importer: string, imported: string): boolean {
  if (importer === imported || importer === 'index.ts') return true
  if (importer === 'sandbox') return imported === 'core'
  if (imported === 'sandbox') return importer === 'cli'
  return STAGES.indexOf(imported) >= 0 && STAGES.indexOf(imported) < STAGES.indexOf(importer)
}
