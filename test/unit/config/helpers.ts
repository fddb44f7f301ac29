import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { SluiceError } from '../../../src/core/errors.ts'
import type { LoadOptions } from '../../../src/config/load.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Config } from '../../../src/config/resolved.ts'

export const PIPELINES = `
destinations:
  local: { type: sqlite }
pipelines:
  acme: { source: acme.yaml }
`

/** Loads many texts one after the other in one folder. */
export function createScratch(): (files: Readonly<Record<string, string>>) => Promise<Config> {
  const folder = writeFiles({})
  return (files) => {
    const all = { 'pipelines.yaml': PIPELINES, ...files }
    for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text)
    return loadConfig(join(folder, 'pipelines.yaml'), { env: {} })
  }
}

/** Writes files into a folder of their own, which is removed when the test is over. */
export function writeFiles(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Loads `pipelines.yaml` of a folder with these files. */
export async function load(
  files: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): Promise<Config> {
  const folder = writeFiles({ 'pipelines.yaml': PIPELINES, ...files })
  return loadConfig(join(folder, 'pipelines.yaml'), { env: {}, ...options })
}

/** The error that loading ends with, the folder's name taken out of its message. */
export async function loadError(
  files: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): Promise<SluiceError> {
  const folder = writeFiles({ 'pipelines.yaml': PIPELINES, ...files })
  try {
    await loadConfig(join(folder, 'pipelines.yaml'), { env: {}, ...options })
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    const message = error.message.replaceAll(`${folder}/`, '')
    return new SluiceError(error.code, message, { hint: error.hint, details: error.details })
  }
  throw new Error('the configuration was accepted')
}

/** `line:column message` of every issue of a source file. */
export async function sourceIssues(source: string, pipelines?: string): Promise<string[]> {
  const files = {
    'acme.yaml': source,
    ...(pipelines === undefined ? {} : { 'pipelines.yaml': pipelines }),
  }
  return issuesOf(await loadError(files))
}

export function issuesOf(error: SluiceError): string[] {
  const issues = error.details.issues as { line: number; column: number; message: string }[]
  return issues.map(({ line, column, message }) => `${line}:${column} ${message}`)
}
