import { readdir } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path'
import {
  createSources,
  missingVariable,
  openConfigFile,
  readText,
  type ConfigFile,
} from './config-file.ts'
import { faultIssues, toIssue, type Issue, type Mount } from './diagnostics.ts'
import type { VariableUse } from './interpolate.ts'
import { isRaw } from './merge.ts'
import { valueAt, type Path } from './problem.ts'
import type { ResolvedSource } from './resolved.ts'
import { resolveSource } from './resolve-source.ts'
import type { SourceReference } from './pipelines.ts'
import { OVERRIDABLE } from './schema.ts'
import { checkSelection } from './selection.ts'
import { didYouMean } from './suggest.ts'
import { isTemplatePath } from './templates.ts'

/** What one reading of pipelines.yaml collects. */
export interface Loading {
  readonly env: Readonly<Record<string, string | undefined>>
  /** pipelines.yaml. */
  readonly main: ConfigFile
  readonly issues: Issue[]
  readonly secrets: Set<string>
}

/** Reads the source of one pipeline; null, with issues added, when something is wrong with it. */
export async function loadSource(
  pipeline: string,
  config: SourceReference,
  loading: Loading,
): Promise<ResolvedSource | null> {
  const { main, issues, secrets } = loading
  const here: Path = ['pipelines', pipeline]
  const mainMounts: Mount[] = [{ at: [], file: main.yaml, path: [] }]
  const name = isAbsolute(config.source)
    ? config.source
    : join(dirname(main.yaml.name), config.source)
  const text = await readText(resolve(name))
  if (text === null) {
    const message = `there is no file ${config.source}${await suggestFile(name)}`
    issues.push(toIssue({ path: [...here, 'source'], message }, mainMounts))
    return null
  }
  const file = openConfigFile(name, text, { env: loading.env, isTemplate: isTemplatePath })
  if (file.yaml.faults.length > 0) {
    issues.push(...faultIssues(file.yaml))
    return null
  }
  const overrides = valueAt(main.content.value, here)
  const mounts = sourceMounts(file, main, here, overrides)
  const sources = createSources(mounts, [main, file])
  const result = resolveSource({
    source: file.content.value,
    overrides: isRaw(overrides) ? overrides : {},
    name: basename(name, extname(name)),
    vars: config.vars,
    endpointNames: config.endpoints ?? null,
    isHidden: sources.isHidden,
  })
  const missing = file.content.missing.filter((use) => isStillThere(use, result.merged))
  issues.push(
    ...missing.map((use) => missingVariable(use, file.yaml)),
    ...sources.issues(result.problems),
    ...checkSelection(config, result).map((problem) =>
      toIssue({ ...problem, path: [...here, ...problem.path] }, mainMounts),
    ),
  )
  for (const { path, value } of file.content.uses) {
    if (value !== undefined && path[0] !== 'base_url') secrets.add(value)
  }
  for (const secret of result.secrets) secrets.add(secret)
  return missing.length === 0 ? result.source : null
}

/** Where the values of a merged source come from: the pipeline's overrides, the file, its defaults. */
function sourceMounts(
  source: ConfigFile,
  main: ConfigFile,
  here: Path,
  overrides: unknown,
): Mount[] {
  const overridden = OVERRIDABLE.filter((key) => isRaw(overrides) && overrides[key] !== undefined)
  const endpoints = valueAt(source.content.value, ['endpoints'])
  const positions = Array.isArray(endpoints) ? [...endpoints.keys()] : []
  return [
    ...overridden.map((key) => ({ at: [key], file: main.yaml, path: [...here, key] })),
    { at: [], file: source.yaml, path: [] },
    ...positions.flatMap((index): Mount[] => [
      { at: ['endpoints', index], file: main.yaml, path: [...here, 'defaults'] },
      { at: ['endpoints', index], file: source.yaml, path: ['defaults'] },
    ]),
  ]
}

/** A variable in a value that the pipeline overrides need not be set. */
function isStillThere(use: VariableUse, merged: unknown): boolean {
  const [key] = use.path
  if (key === 'defaults' || key === 'endpoints') return true
  const text = valueAt(merged, use.path)
  return typeof text === 'string' && text.includes(`\${${use.name}`)
}

async function suggestFile(missing: string): Promise<string> {
  try {
    const names = await readdir(dirname(resolve(missing)))
    return didYouMean(
      basename(missing),
      names.filter((name) => /\.ya?ml$/.test(name)),
    )
  } catch {
    return '; its folder is not there either'
  }
}
