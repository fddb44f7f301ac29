import { compileTemplate } from '../core/template.ts'
import type { Path, Problem } from './problem.ts'
import { closest } from './suggest.ts'

/** Endpoint keys whose strings may hold `{templates}`. */
const ENDPOINT_TEMPLATES: readonly Path[] = [
  ['path'],
  ['params'],
  ['headers'],
  ['json'],
  ['incremental', 'params'],
  ['incremental', 'end_params'],
  ['incremental', 'json'],
  ['incremental', 'end_json'],
  ['pagination', 'params'],
  ['deletes', 'snapshot'],
  ['reread'],
]
const SOURCE_TEMPLATES: ReadonlySet<string | number> = new Set(['base_url', 'headers', 'params'])

/** Whether the string at a path of a source file may hold templates. */
export function isTemplatePath(path: Path): boolean {
  const [top] = path
  if (top === 'endpoints') return isEndpointTemplate(path.slice(2))
  if (top === 'defaults') return isEndpointTemplate(path.slice(1))
  return top !== undefined && SOURCE_TEMPLATES.has(top)
}

function isEndpointTemplate(path: Path): boolean {
  if (path[0] === 'transform') return path[2] === 'set'
  return ENDPOINT_TEMPLATES.some((start) => start.every((step, index) => path[index] === step))
}

/** The names that a template may use at one place. */
export interface TemplateNames {
  readonly incremental: boolean
  /** Parameters of `param_mapping`; null when the endpoint depends on none. */
  readonly mapped: readonly string[] | null
  readonly vars: readonly string[]
  readonly time: boolean
  /** Whether `{last.<field>}`, a field of the last record of a page, has a meaning. */
  readonly last?: boolean
  /** Whether `{keys}` and `{key}`, the keys of records that are read again, have one. */
  readonly keys?: boolean
}

/** The templates below `value` that have no meaning there. */
export function checkTemplates(value: unknown, path: Path, names: TemplateNames): Problem[] {
  if (typeof value === 'string') {
    return compileTemplate(value).names.flatMap((name) => {
      const message = templateProblem(name, path, names)
      return message === undefined ? [] : [{ path, message, part: `{${name}}` }]
    })
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => checkTemplates(item, [...path, index], names))
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => checkTemplates(item, [...path, key], names))
}

function templateProblem(name: string, path: Path, names: TemplateNames): string | undefined {
  const { incremental, mapped, vars, time, last = false, keys = false } = names
  const known = [
    ...(incremental ? ['cursor.start', 'cursor.end'] : []),
    ...(mapped ?? []),
    ...vars.map((each) => `vars.${each}`),
    ...(time ? ['now', 'today'] : []),
    ...(keys ? ['keys', 'key'] : []),
  ]
  const bound = path[path.indexOf('incremental') + 1]
  if (name === 'cursor.end' && incremental && (bound === 'params' || bound === 'json')) {
    return `{cursor.end} has no value while there is only a lower bound; put it in end_${bound}`
  }
  if (known.includes(name)) return undefined
  if (mapped && /^parent\../.test(name)) return undefined
  if (last && /^last\../.test(name)) return undefined
  if (!/^[\w.-]+$/.test(name)) {
    return 'braces stand for a template here; write {{ and }} for the characters themselves'
  }
  if (/^cursor\.(?:start|end)$/.test(name)) {
    return `{${name}} needs incremental on this endpoint`
  }
  if (/^parent\../.test(name)) return `{${name}} needs depends_on on this endpoint`
  const meant = closest(name, known)
  const suggestion = meant === undefined ? '' : `; did you mean {${meant}}?`
  if (name.startsWith('vars.') && !suggestion) {
    return `{${name}} needs ${name} in the pipeline: vars: { ${name.slice(5)}: ... }`
  }
  const list = [...known, ...(mapped ? ['parent.<field>'] : []), ...(last ? ['last.<field>'] : [])]
  const allowed = list.length === 0 ? 'none has a meaning here' : `expected {${list.join('}, {')}}`
  const mapping =
    path.at(-1) === 'path' && mapped === null
      ? `; map it with depends_on: { endpoint: ..., param_mapping: { ${name}: id } }`
      : ''
  return `unknown template {${name}}; ${allowed}${suggestion}${mapping}`
}
