import { pathKey, type Path } from './problem.ts'

/** One `${NAME}` in a file. */
export interface VariableUse {
  readonly path: Path
  readonly name: string
  /** What the environment gave; undefined when the file's own default was taken, or nothing was there. */
  readonly value: string | undefined
}

export interface Interpolated {
  readonly value: unknown
  readonly uses: readonly VariableUse[]
  /** Uses without a value or default; their text was left as it is. */
  readonly missing: readonly VariableUse[]
  /** Keys (see `pathKey`) of the strings that hold a variable. */
  readonly variablePaths: ReadonlySet<string>
}

export interface InterpolateOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether the string at a path may hold `{templates}`: braces in a variable's value are escaped there. */
  readonly isTemplate: (path: Path) => boolean
}

const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every string of a parsed file; `$${` stands for a literal `${`.
 * The default is taken when the variable is unset or empty. Runs after parsing and never looks at what it
 * put in, so a value can't add keys, variables or templates.
 */
export function interpolate(root: unknown, options: InterpolateOptions): Interpolated {
  const uses: VariableUse[] = []
  const missing: VariableUse[] = []
  const variablePaths = new Set<string>()

  function replace(text: string, path: Path): string {
    if (!text.includes('${')) return text
    return text.replaceAll(VARIABLE, (whole, name: string | undefined, fallback?: string) => {
      if (name === undefined) return '${'
      const set = Object.hasOwn(options.env, name) ? options.env[name] : undefined
      const value = fallback === undefined || set !== '' ? set : undefined
      const use = { path, name, value }
      uses.push(use)
      variablePaths.add(pathKey(path))
      if (value !== undefined) {
        return options.isTemplate(path) ? value.replaceAll(/[{}]/g, '$&$&') : value
      }
      if (fallback !== undefined) return fallback
      missing.push(use)
      return whole
    })
  }

  function walk(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return replace(value, path)
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]),
    )
  }

  return { value: walk(root, []), uses, missing, variablePaths }
}
