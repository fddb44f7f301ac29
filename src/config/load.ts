import { dirname, join, resolve } from 'node:path'
import { SluiceError } from '../core/errors.ts'
import { destinations } from '../load/index.ts'
import {
  createSources,
  missingVariable,
  openConfigFile,
  readText,
  type ConfigFile,
} from './config-file.ts'
import { configError, faultIssues, type Issue } from './diagnostics.ts'
import { parseEnvFile } from './env-file.ts'
import type { VariableUse } from './interpolate.ts'
import { loadSource, type Loading } from './load-source.ts'
import {
  checkPipelines,
  checkSharedDatasets,
  destinationOf,
  isPipelinesTemplate,
  isPublicPath,
  type PipelinesContent,
} from './pipelines.ts'
import type { Config, ResolvedPipeline } from './resolved.ts'
import { collectSecrets } from './secrets.ts'
import { didYouMean } from './suggest.ts'

export interface LoadOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Default: `.env` in the folder of pipelines.yaml, if there is one. */
  readonly envFile?: string | undefined
  /** Names of the pipelines to load; default all. */
  readonly pipelines?: readonly string[] | undefined
}

/**
 * Reads pipelines.yaml and the source files of the pipelines asked for.
 *
 * @throws SluiceError CONFIG_NOT_FOUND when pipelines.yaml can't be read; USAGE for a pipeline it does not
 *   have; CONFIG_INVALID with every mistake in one report, listed in `details.issues`; CONFIG_UNSUPPORTED
 *   likewise when nothing is wrong but what this version can't do yet
 */
export async function loadConfig(file: string, options: LoadOptions): Promise<Config> {
  const absolute = resolve(file)
  const text = await readText(absolute)
  if (text === null) {
    throw new SluiceError('CONFIG_NOT_FOUND', `there is no ${file}`, {
      hint: 'write one: see README.md; or name another with --config',
    })
  }
  const issues: Issue[] = []
  const env = await readEnvironment(dirname(absolute), options, issues)
  const main = openConfigFile(file, text, { env, isTemplate: isPipelinesTemplate })
  if (main.yaml.faults.length > 0) throw configError([...issues, ...faultIssues(main.yaml)])

  const sources = createSources([{ at: [], file: main.yaml, path: [] }], [main])
  const content = checkPipelines(main.content.value, sources.isHidden)
  const chosen = choosePipelines(file, content, options.pipelines)
  issues.push(...sources.issues([...content.problems, ...checkSharedDatasets(content)]))
  const isNeeded = neededBy(chosen, content)
  for (const use of main.content.missing.filter(isNeeded)) {
    issues.push(missingVariable(use, main.yaml))
  }

  const loading = { env, main, issues, secrets: mainSecrets(main, isNeeded) }
  const pipelines: ResolvedPipeline[] = []
  for (const name of chosen) {
    const pipeline = await loadPipeline(name, content, loading)
    if (pipeline) pipelines.push(pipeline)
  }
  if (issues.length > 0) throw configError(issues)
  return {
    file: absolute,
    folder: dirname(absolute),
    pipelineNames: [...content.pipelines.keys()],
    pipelines,
    secrets: [...loading.secrets],
  }
}

async function loadPipeline(
  name: string,
  content: PipelinesContent,
  loading: Loading,
): Promise<ResolvedPipeline | null> {
  const reference = content.sources.get(name)
  const source = reference ? await loadSource(name, reference, loading) : null
  const pipeline = content.pipelines.get(name)
  if (!pipeline) return null
  const destination = destinationOf(pipeline, content.destinations)
  const config = destination === undefined ? null : content.destinations.get(destination)
  if (!source || destination === undefined || !config) return null
  for (const secret of collectSecrets(destinations.config, config)) loading.secrets.add(secret)
  return {
    name,
    source,
    destination: { name: destination, config },
    dataset: pipeline.dataset ?? name,
    startDate: pipeline.start_date ?? null,
    endpointNames: pipeline.endpoints ?? null,
    schedule: pipeline.schedule ?? null,
    vars: pipeline.vars,
    sourceFile: resolve(dirname(loading.main.yaml.name), pipeline.source),
  }
}

/** The real environment over what `.env` says. */
async function readEnvironment(
  folder: string,
  { env, envFile }: LoadOptions,
  issues: Issue[],
): Promise<Readonly<Record<string, string | undefined>>> {
  const file = envFile ?? join(folder, '.env')
  const text = await readText(resolve(file))
  if (text === null) {
    if (envFile === undefined) return env
    throw new SluiceError('CONFIG_NOT_FOUND', `there is no ${envFile}`, {
      hint: 'check --env-file, or leave it out to read .env beside pipelines.yaml',
    })
  }
  const { values, badLines } = parseEnvFile(text)
  for (const line of badLines) {
    const message = 'expected NAME=value; quote a value that spans lines'
    // What stands there may be a secret, so it is not shown.
    issues.push({ file, line, column: 1, path: '', message, unsupported: false, excerpt: null })
  }
  const real = Object.entries(env).filter(([, value]) => value !== undefined)
  return { ...values, ...Object.fromEntries(real) }
}

function choosePipelines(
  file: string,
  content: PipelinesContent,
  asked: readonly string[] | undefined,
): readonly string[] {
  const names = [...content.pipelines.keys()]
  const unknown = asked?.find((name) => !names.includes(name))
  // With none at all the file itself is wrong, and says so better.
  if (unknown !== undefined && names.length > 0) {
    throw new SluiceError(
      'USAGE',
      `${file} has no pipeline "${unknown}"${didYouMean(unknown, names)}`,
      { hint: `its pipelines: ${names.join(', ')}` },
    )
  }
  return asked ? names.filter((name) => asked.includes(name)) : names
}

/** Whether a variable in pipelines.yaml matters to the pipelines that are run. */
function neededBy(
  chosen: readonly string[],
  content: PipelinesContent,
): (use: VariableUse) => boolean {
  const used = new Set(
    chosen.map((name) => {
      const pipeline = content.pipelines.get(name)
      return pipeline ? destinationOf(pipeline, content.destinations) : undefined
    }),
  )
  return ({ path: [section, name] }) =>
    section === 'destinations' ? used.has(String(name)) : chosen.includes(String(name))
}

function mainSecrets(main: ConfigFile, isNeeded: (use: VariableUse) => boolean): Set<string> {
  const values = main.content.uses
    .filter((use) => isNeeded(use) && !isPublicPath(use.path))
    .flatMap(({ value }) => (value === undefined ? [] : [value]))
  return new Set(values)
}
