import { readFile } from 'node:fs/promises'
import { SluiceError } from '../core/errors.ts'
import { originOf, toIssue, type Issue, type Mount } from './diagnostics.ts'
import {
  interpolate,
  type InterpolateOptions,
  type Interpolated,
  type VariableUse,
} from './interpolate.ts'
import { pathKey, type Path, type Problem } from './problem.ts'
import { isSecretPath } from './secrets.ts'
import { parseYaml, type YamlFile } from './yaml-file.ts'

/** One YAML file with its variables replaced. */
export interface ConfigFile {
  readonly yaml: YamlFile
  readonly content: Interpolated
}

/** Parses a text and replaces its variables; `content` is empty when the text is not YAML. */
export function openConfigFile(
  name: string,
  text: string,
  options: InterpolateOptions,
): ConfigFile {
  const yaml = parseYaml(name, text)
  return { yaml, content: interpolate(yaml.value, options) }
}

/** The text of a file, or null when there is none. Throws CONFIG_NOT_FOUND when it can't be read. */
export async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new SluiceError('CONFIG_NOT_FOUND', `can not read ${file} (${code ?? 'unknown error'})`, {
      cause,
      hint: 'it must be a text file that this user may read',
    })
  }
}

/** The files behind one checked value: places its problems, and knows what of it must not be shown. */
export interface Sources {
  /** Whether the value at a path is secret by its key, or came from a variable. */
  readonly isHidden: (path: Path) => boolean
  /** Issues for problems; those of values whose variable is missing are left out: that is reported instead. */
  readonly issues: (problems: readonly Problem[]) => Issue[]
}

export function createSources(mounts: readonly Mount[], files: readonly ConfigFile[]): Sources {
  const contentOf = new Map(files.map((file) => [file.yaml, file.content]))
  const unset = new Map(
    files.map(({ yaml, content }) => [
      yaml,
      new Set(content.missing.map((use) => pathKey(use.path))),
    ]),
  )
  return {
    isHidden(path) {
      if (isSecretPath(path)) return true
      const origin = originOf(mounts, path)
      const content = contentOf.get(origin.mount.file)
      return content?.variablePaths.has(pathKey(origin.path)) === true
    },
    issues: (problems) =>
      problems.flatMap((problem) => {
        const origin = originOf(mounts, problem.path)
        const isUnset = unset.get(origin.mount.file)?.has(pathKey(origin.path)) === true
        return isUnset && problem.at !== 'key' ? [] : [toIssue(problem, mounts)]
      }),
  }
}

/** The issue of a variable that has no value. */
export function missingVariable(use: VariableUse, file: YamlFile): Issue {
  const message = `the environment variable ${use.name} is not set; set it, put it into .env, or give a default: \${${use.name}:-...}`
  return toIssue({ path: use.path, message, part: `\${${use.name}}` }, [{ at: [], file, path: [] }])
}
