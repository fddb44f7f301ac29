import { isRecord, stringifyJson, type JsonValue } from './json.ts'

/** The names a template may use and their values; undefined means that there is none this time. */
export type TemplateScope = ReadonlyMap<string, JsonValue | undefined>

/** A text in which `{name}` stands for a value; `{{` and `}}` are braces. */
export interface Template {
  /** Every name used, in order. */
  readonly names: readonly string[]
  /**
   * The value: when the text is one `{name}` and nothing else, the value itself with its type; otherwise text.
   * Undefined when a name has no value, so that the caller can leave the whole key out.
   */
  render(scope: TemplateScope, encode?: (text: string) => string): JsonValue | undefined
}

const PLACEHOLDER = /\{\{|\}\}|\{([^{}]+)\}/g

/** Compiles a text; a text without placeholders renders to itself. */
export function compileTemplate(text: string): Template {
  const literals: string[] = []
  const names: string[] = []
  let literal = ''
  let end = 0
  for (const match of text.matchAll(PLACEHOLDER)) {
    literal += text.slice(end, match.index)
    end = match.index + match[0].length
    if (match[1] === undefined) {
      literal += match[0].charAt(0)
    } else {
      literals.push(literal)
      names.push(match[1].trim())
      literal = ''
    }
  }
  const tail = literal + text.slice(end)
  const [only] = names
  const bare = names.length === 1 && literals[0] === '' && tail === ''
  return {
    names,
    render(scope, encode) {
      if (only === undefined) return tail
      if (bare && !encode) return scope.get(only)
      let rendered = ''
      for (const [i, name] of names.entries()) {
        const value = scope.get(name)
        if (value === undefined) return undefined
        const spelled = toText(value)
        rendered += literals[i]! + (encode ? encode(spelled) : spelled)
      }
      return rendered + tail
    },
  }
}

/** Every template name used anywhere in a JSON value. */
export function templateNames(value: JsonValue): string[] {
  if (typeof value === 'string') return [...compileTemplate(value).names]
  if (Array.isArray(value)) return value.flatMap(templateNames)
  return isRecord(value) ? Object.values(value).flatMap(templateNames) : []
}

/** A JSON value with every string in it rendered; members and items without a value are left out. */
export function renderTree(value: JsonValue, scope: TemplateScope): JsonValue | undefined {
  return compileTree(value)(scope)
}

/** {@link renderTree} for a value that is rendered again and again. */
export function compileTree(value: JsonValue): (scope: TemplateScope) => JsonValue | undefined {
  if (typeof value === 'string') {
    const template = compileTemplate(value)
    return (scope) => template.render(scope)
  }
  if (Array.isArray(value)) {
    const items = value.map(compileTree)
    return (scope) => items.map((item) => item(scope)).filter((item) => item !== undefined)
  }
  if (!isRecord(value)) return () => value
  const members = Object.entries(value).map(([key, member]) => [key, compileTree(member)] as const)
  return (scope) => {
    const rendered: { [key: string]: JsonValue } = {}
    for (const [key, member] of members) {
      const there = member(scope)
      if (there !== undefined) rendered[key] = there
    }
    return rendered
  }
}

/** How a value is spelled inside a longer text. */
export function toText(value: JsonValue): string {
  return typeof value === 'string' ? value : stringifyJson(value)
}
