import { SluiceError } from './errors.ts'
import { isRecord, type JsonValue } from './json.ts'

/** What a path found: every match in document order; empty when nothing is there. */
export type Select = (value: JsonValue) => JsonValue[]

/** The single value at a path, or undefined where the path leads nowhere. */
export type Get = (value: JsonValue) => JsonValue | undefined

type Step = { readonly key: string } | { readonly index: number } | { readonly each: true }

const TOKEN = /\.?([^.[\]]+)|\.?\[\s*(?:(\d+)|(\*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]/y
const IS_INDEX = /^\d+$/

/**
 * Compiles a dotted path (`data.items`) or a JSONPath (`$.data[*].items`, `$['@odata.nextLink']`).
 * `$` alone is the whole value, `[*]` and `*` mean every item. At each level a key that literally
 * contains the dots (`custom.cf_x`) wins over the nested reading.
 *
 * @throws SluiceError CONFIG_INVALID when the text is not a path
 */
export function compileSelect(path: string): Select {
  const steps = parsePath(path)
  return (value) => {
    const found: JsonValue[] = []
    collect(value, steps, 0, found)
    return found
  }
}

/** Compiles a path to the first value it finds; see {@link compileSelect}. */
export function compileGet(path: string): Get {
  const steps = parsePath(path)
  const [only] = steps
  if (steps.length === 1 && only && 'key' in only && !IS_INDEX.test(only.key)) {
    const key = only.key
    return (value) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined)
  }
  return (value) => {
    const found: JsonValue[] = []
    collect(value, steps, 0, found)
    return found[0]
  }
}

/** Why a text is not a path, or undefined when it is one; for config validation. */
export function pathProblem(path: string): string | undefined {
  try {
    parsePath(path)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function parsePath(path: string): Step[] {
  // `$id` is a key; the root is `$` alone, or followed by a step.
  const rest = /^\$(?![^.[])/.test(path) ? path.slice(1) : path
  const steps: Step[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < rest.length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(rest)
    if (!token) throw invalidPath(path, at)
    const [, name, index, star, single, double] = token
    const quoted = single ?? double
    if (star !== undefined || name === '*') steps.push({ each: true })
    else if (index !== undefined) steps.push({ index: Number(index) })
    else if (quoted !== undefined) steps.push({ key: quoted.replaceAll(/\\(.)/g, '$1') })
    else steps.push({ key: name! })
  }
  if (path === '') throw invalidPath(path, 0)
  return steps
}

function invalidPath(path: string, at: number): SluiceError {
  return new SluiceError('CONFIG_INVALID', `"${path}" is not a path (at character ${at + 1})`, {
    hint: 'write a dotted path such as data.items, or a JSONPath such as $.data[*].items',
  })
}

function collect(value: JsonValue, steps: readonly Step[], from: number, found: JsonValue[]): void {
  const step = steps[from]
  if (step === undefined) {
    found.push(value)
  } else if ('each' in step) {
    const items = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []
    for (const item of items) collect(item, steps, from + 1, found)
  } else if ('index' in step) {
    const item = Array.isArray(value) ? value[step.index] : undefined
    if (item !== undefined) collect(item, steps, from + 1, found)
  } else if (isRecord(value)) {
    const literal = literalKey(value, steps, from)
    if (literal) collect(value[literal.key]!, steps, literal.next, found)
  } else if (Array.isArray(value) && IS_INDEX.test(step.key)) {
    const item = value[Number(step.key)]
    if (item !== undefined) collect(item, steps, from + 1, found)
  }
}

/** The longest run of steps that is one literal key of the record, `custom.cf_x` before `custom`. */
function literalKey(
  record: { [key: string]: JsonValue },
  steps: readonly Step[],
  from: number,
): { key: string; next: number } | undefined {
  let joined = ''
  let best: { key: string; next: number } | undefined
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]!
    if (!('key' in step)) break
    joined = i === from ? step.key : `${joined}.${step.key}`
    if (Object.hasOwn(record, joined)) best = { key: joined, next: i + 1 }
  }
  return best
}
