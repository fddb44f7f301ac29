/** Keys and list positions from the root of a file (or object) down to a value. */
export type Path = readonly (string | number)[]

/** A mistake in a configuration, by the path of the value it is about. */
export interface Problem {
  readonly path: Path
  /** What is wrong, what is allowed, and what was probably meant. */
  readonly message: string
  /** Whether to point at the key rather than at its value. */
  readonly at?: 'key'
  /** The part of a text to point at. */
  readonly part?: string
  /** The grammar has it, this version can't do it yet. */
  readonly unsupported?: true
}

/** A path as it is written in messages: `endpoints[2].incremental.cursor_path`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === 'number'
        ? `[${step}]`
        : /^[\w-]+$/.test(step)
          ? `${index === 0 ? '' : '.'}${step}`
          : `[${JSON.stringify(step)}]`,
    )
    .join('')
}

/** A path as a key of a set or map. */
export function pathKey(path: Path): string {
  return JSON.stringify(path.map(String))
}

/** The value at a path of plain maps and lists, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}
