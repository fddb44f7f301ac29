import type * as z from 'zod'
import type { KeyHome } from './key-homes.ts'
import { formatPath, valueAt, type Path, type Problem } from './problem.ts'
import { keysAt } from './schema-walk.ts'
import { closest, didYouMean } from './suggest.ts'

type ZodIssue = z.core.$ZodIssue

export interface ExplainOptions {
  /** What was checked, and against what; paths of the issues start here. */
  readonly schema: z.ZodType
  readonly value: unknown
  /** Whether the value at a path must not be shown. */
  readonly isHidden: (path: Path) => boolean
  /** Where else a key belongs, for keys that are unknown where they stand: `pagination`. */
  readonly homeOf: (key: string) => KeyHome | undefined
}

const MOST_LISTED_KEYS = 14

/** What zod found, each in one sentence that says what is wrong, what is allowed, and what was meant. */
export function explain(issues: readonly ZodIssue[], options: ExplainOptions): Problem[] {
  const flat = issues.flatMap((issue) => flatten(issue, options.value))
  const problems = flat.flatMap((issue) => explainOne(issue, options))
  // A misspelt key explains why the right one is missing; one message is enough.
  const meant = new Set(
    flat.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return []
      const path = issue.path as Path
      const keys = keysAt(options.schema, options.value, path)
      return issue.keys.map((key) => formatPath([...path, closest(key, keys) ?? '']))
    }),
  )
  return problems.filter(
    (problem) =>
      !(meant.has(formatPath(problem.path)) && valueAt(options.value, problem.path) === undefined),
  )
}

/** Unions are reported by the branch the value comes nearest to; the others only confuse. */
function flatten(issue: ZodIssue, root: unknown): ZodIssue[] {
  if (issue.code !== 'invalid_union' || 'discriminator' in issue || issue.errors.length === 0) {
    return [issue]
  }
  const path = issue.path as Path
  const value = valueAt(root, path)
  const fitting = issue.errors.filter(
    (branch) => !branch.some((inner) => isWrongKind(inner, value)),
  )
  const lift = (branch: readonly ZodIssue[]) =>
    branch.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }, root))
  if (fitting.length === 0) return [issue]
  const known = fitting.filter((branch) => !branch.some(isUnknownKey))
  if (known.length === 0 && fitting.length > 1) return [issue]
  return lift((known.length > 0 ? known : fitting).reduce((a, b) => (b.length < a.length ? b : a)))
}

/** The branch wants a map and there is a text, or the like. */
function isWrongKind(issue: ZodIssue, value: unknown): boolean {
  if (issue.path.length > 0) return false
  if (issue.code === 'invalid_type') return true
  if (issue.code === 'invalid_union') {
    return issue.errors.every((branch) => branch.some((inner) => isWrongKind(inner, value)))
  }
  // A misspelt word belongs to the branch that lists words; a wrong number to none that lists one.
  return issue.code === 'invalid_value' && (typeof value !== 'string' || !issue.values.some(isText))
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isUnknownKey(issue: ZodIssue): boolean {
  return issue.code === 'unrecognized_keys' && issue.path.length === 0
}

function explainOne(issue: ZodIssue, options: ExplainOptions): Problem[] {
  const path = issue.path as Path
  const value = valueAt(options.value, path)
  const hidden = options.isHidden(path)
  const say = (message: string): Problem[] => [{ path, message: hide(message, value, hidden) }]
  const received = hidden ? '' : `, received ${show(value)}`
  const missing = value === undefined && typeof path.at(-1) === 'string'
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: 'key',
        message: unknownKey(key, path, options),
      }))
    case 'invalid_type':
      if (missing) return say(`"${String(path.at(-1))}" is missing`)
      if (value === null) return say(`expected ${kindName(issue.expected)}, but nothing is here`)
      return say(
        `expected ${kindName(issue.expected)}${received}${textOnly(issue.expected, value)}`,
      )
    case 'invalid_value':
      return say(oneOf(issue.values.map(String), value, missing ? undefined : received, path))
    case 'invalid_union':
      return 'discriminator' in issue
        ? say(chooseType(issue, value, received, path))
        : say(noBranch(issue, received, options))
    case 'too_small':
    case 'too_big':
      return say(outOfRange(issue, received))
    case 'invalid_key':
      return [{ path, at: 'key', message: issue.issues[0]?.message ?? 'this key is not allowed' }]
    default:
      return say(issue.message)
  }
}

/** Messages of refinements may quote the value; a hidden one must not get out that way either. */
function hide(message: string, value: unknown, hidden: boolean): string {
  return hidden && typeof value === 'string' && value !== ''
    ? message.replaceAll(value, '***')
    : message
}

function unknownKey(key: string, path: Path, options: ExplainOptions): string {
  const allowed = keysAt(options.schema, options.value, path)
  const meant = didYouMean(key, allowed)
  const home = meant === '' ? options.homeOf?.(key) : undefined
  if (home !== undefined) {
    const rename = home.key === key ? 'it' : `did you mean "${home.key}"? That`
    return `unknown key "${key}" here; ${rename} belongs in ${home.home}`
  }
  const list =
    meant === '' && allowed.length <= MOST_LISTED_KEYS ? `; expected ${join(allowed)}` : meant
  return `unknown key "${key}"${list}`
}

function oneOf(
  allowed: readonly string[],
  value: unknown,
  received: string | undefined,
  path: Path,
) {
  if (received === undefined) return `"${String(path.at(-1))}" is missing; ${join(allowed)}`
  const meant = received !== '' && typeof value === 'string' ? didYouMean(value, allowed) : ''
  return `expected ${join(allowed)}${received}${meant}`
}

function chooseType(
  issue: ZodIssue & { code: 'invalid_union' },
  value: unknown,
  received: string,
  path: Path,
): string {
  const types = 'options' in issue ? (issue.options as unknown[]).map(String) : []
  return oneOf(types, value, value === undefined ? undefined : received, path)
}

/** No branch of a union fits: say what each of them wants. */
function noBranch(
  issue: ZodIssue & { code: 'invalid_union' },
  received: string,
  options: ExplainOptions,
): string {
  const path = issue.path as Path
  const value = valueAt(options.value, path)
  const keys = keysAt(options.schema, options.value, path)
  if (keys.length > 0 && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const there = Object.keys(value)
    const unknown = there.find((key) => !keys.includes(key))
    if (unknown !== undefined) {
      return `expected one of the keys ${keys.join(', ')}, received "${unknown}"${didYouMean(unknown, keys)}`
    }
    const all = there.length === 0 ? 'none' : there.join(' and ')
    return `expected exactly one of the keys ${keys.join(', ')}, received ${all}`
  }
  const kinds = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => {
      if (inner.path.length > 0) return []
      if (inner.code === 'invalid_type') return [kindName(inner.expected)]
      return inner.code === 'invalid_value' ? inner.values.map(String) : []
    }),
  )
  if (kinds.length === 0 || issue.message !== 'Invalid input') return issue.message + received
  return `expected ${orList([...new Set(kinds)])}${received}`
}

function outOfRange(issue: ZodIssue & { code: 'too_small' | 'too_big' }, received: string): string {
  const small = issue.code === 'too_small'
  const limit = Number(small ? issue.minimum : issue.maximum)
  if (issue.origin === 'array' && small) return 'the list is empty'
  if (issue.origin === 'string' && small && limit === 1) return 'the text is empty'
  const than = issue.inclusive
    ? `${limit} or ${small ? 'more' : 'less'}`
    : small
      ? `more than ${limit}`
      : `less than ${limit}`
  const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : ''
  return `expected ${than}${unit}${received}`
}

/** A variable is text, also where it looks like a number; its value is not shown, so this is. */
function textOnly(expected: string, value: unknown): string {
  const isScalar = expected === 'number' || expected === 'int' || expected === 'boolean'
  return isScalar && typeof value === 'string' ? ' (quoted values and variables are text)' : ''
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'a map',
  record: 'a map',
  string: 'text',
}

function kindName(expected: string): string {
  return KINDS[expected] ?? expected
}

/** `a, b or c`, behind `one of` when there are several. */
function join(allowed: readonly string[]): string {
  return allowed.length === 1 ? allowed[0]! : `one of ${allowed.join(', ')}`
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}
