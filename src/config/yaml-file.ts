import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml'
import { messageOf } from '../core/errors.ts'
import type { Path } from './problem.ts'

/** A range of characters in a file. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** One parsed YAML file that can say where its values stand. */
export interface YamlFile {
  /** As it is named in messages. */
  readonly name: string
  readonly text: string
  /** Plain maps, lists and scalars; dates stay text. Undefined when the text can't be read as YAML. */
  readonly value: unknown
  /** Where the text is not YAML. */
  readonly faults: readonly { readonly span: Span; readonly message: string }[]
  /** The 1-based line and column of a character. */
  position(offset: number): { readonly line: number; readonly column: number }
  /** How many steps of the path exist, and where the last of them stands. */
  locate(path: Path): Located
  /** The spans of all scalars below a key for which `isSecret` holds; `isText`: one stands right at the key. */
  scalarsBelow(isSecret: (key: string, isText: boolean) => boolean): readonly Span[]
}

export interface Located {
  readonly depth: number
  /** Absent for list items and the root. */
  readonly key: Span | null
  readonly value: Span | null
}

/** Parses YAML 1.2, with merge keys (`<<`). Never throws: what is wrong with the text is in `faults`. */
export function parseYaml(name: string, text: string): YamlFile {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, {
    lineCounter,
    merge: true,
    prettyErrors: false,
    // Warnings are read below instead of printed; `silent` would drop some of them.
    logLevel: 'error',
  })
  const faults = [...knownFaults(document.errors), ...document.warnings].map((fault) => ({
    span: { start: fault.pos[0], end: fault.pos[1] },
    message: describeFault(fault.code, fault.message),
  }))
  let value: unknown
  if (faults.length === 0) {
    try {
      value = document.toJS()
    } catch (error) {
      faults.push(aliasFault(document, error))
    }
  }
  return {
    name,
    text,
    value,
    faults,
    position(offset) {
      const { line, col } = lineCounter.linePos(Math.min(offset, text.length))
      // An empty text has no lines to count.
      return { line: Math.max(line, 1), column: Math.max(col, 1) }
    },
    locate: (path) => locate(document, path),
    scalarsBelow: (isSecret) => scalarsBelow(document, isSecret),
  }
}

/** What the parser trips over after its first mistake is mostly the same mistake: those are left out. */
function knownFaults(errors: readonly YAMLParseError[]): readonly YAMLParseError[] {
  return errors.filter((fault, index) => index === 0 || fault.code !== 'UNEXPECTED_TOKEN')
}

function describeFault(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab can not indent YAML; use spaces'
    case 'DUPLICATE_KEY':
      return 'this key is here twice; keep one'
    case 'BAD_INDENT':
      return 'this line is indented differently from its neighbours'
    case 'MISSING_CHAR':
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return `${lowerFirst(message)}; is a quote, a bracket or the indentation off?`
    case 'TAG_RESOLVE_FAILED':
      return 'unknown YAML tag; quote the text when it starts with an exclamation mark'
    case 'MULTIPLE_DOCS':
      return 'a second document starts here; keep one per file'
    case 'UNEXPECTED_TOKEN':
      return `${lowerFirst(message)}; put quotes around text with braces, brackets or commas, such as "\${NAME}"`
    default:
      // The parser quotes at most single characters, never a value.
      return lowerFirst(message)
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** An alias without an anchor, or one that would expand without end. */
function aliasFault(document: Document, error: unknown): YamlFile['faults'][number] {
  let span: Span = { start: 0, end: 0 }
  const tooMany = messageOf(error).startsWith('Excessive')
  visit(document, {
    Alias(_, alias) {
      if (!tooMany && alias.resolve(document) !== undefined) return undefined
      span = spanOf(alias) ?? span
      return visit.BREAK
    },
  })
  return {
    span,
    message: tooMany
      ? 'the aliases of this file expand to too much'
      : 'no anchor (&name) for this alias; quote the text when it starts with an asterisk',
  }
}

function spanOf(node: Node | null | undefined): Span | null {
  const range = node?.range
  return range ? { start: range[0], end: range[1] } : null
}

function locate(document: Document, path: Path): Located {
  let node = follow(document, document.contents)
  let located: Located = { depth: 0, key: null, value: spanOf(node) }
  for (const [index, step] of path.entries()) {
    let key: Node | null = null
    let next: Node | null | undefined
    if (isMap(node)) {
      const pair = findPair(document, node, String(step))
      if (!pair) break
      key = pair.key
      next = pair.value
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      next = node.items[step] as Node | null
    } else {
      break
    }
    located = { depth: index + 1, key: spanOf(key), value: spanOf(next) }
    node = follow(document, next)
  }
  return located
}

function findPair(
  document: Document,
  map: YAMLMap,
  name: string,
): { key: Node; value: Node | null } | undefined {
  let merged: { key: Node; value: Node | null } | undefined
  for (const { key, value } of map.items as { key: Node; value: Node | null }[]) {
    if (!isScalar(key)) continue
    if (String(key.value) === name) return { key, value }
    if (key.source !== '<<') continue
    const from = follow(document, value)
    for (const item of isSeq(from) ? from.items : [from]) {
      const inherited = follow(document, item as Node | null)
      // A map can only be merged into one that is outside it, so this ends.
      if (isMap(inherited)) merged ??= findPair(document, inherited, name)
    }
  }
  return merged
}

function follow(document: Document, node: Node | null | undefined): Node | null | undefined {
  return isAlias(node) ? node.resolve(document) : node
}

function scalarsBelow(
  document: Document,
  isSecret: (key: string, isText: boolean) => boolean,
): Span[] {
  const spans: Span[] = []
  visit(document, {
    Pair(_, pair) {
      const value = follow(document, pair.value as Node | null)
      if (!isScalar(pair.key) || !isSecret(String(pair.key.value), isScalar(value)))
        return undefined
      visit(value ?? null, {
        Scalar(key, scalar) {
          const span = key === 'key' ? null : spanOf(scalar)
          if (span) spans.push(span)
        },
      })
      return undefined
    },
  })
  return spans
}
