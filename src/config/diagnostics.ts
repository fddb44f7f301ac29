import { SluiceError } from '../core/errors.ts'
import { formatPath, type Path, type Problem } from './problem.ts'
import { isSecretKey } from './secrets.ts'
import type { Located, Span, YamlFile } from './yaml-file.ts'

/** One mistake and where it stands; what `details.issues` of a CONFIG_INVALID error lists. */
export interface Issue {
  readonly file: string
  /** 1-based; 0 where there is no file but an object. */
  readonly line: number
  /** 1-based; 0 likewise. */
  readonly column: number
  /** Where in the file's structure: `endpoints[2].incremental.cursor_path`; empty for faults of the YAML itself. */
  readonly path: string
  readonly message: string
  readonly unsupported: boolean
  /** The line with a caret below, secrets masked; null where there is no text to show. */
  readonly excerpt: string | null
}

/** A place that a configuration's values may come from: `path` in it stands at `at` of the whole. */
export interface Mount {
  readonly at: Path
  readonly file: YamlFile
  readonly path: Path
}

const LONGEST_EXCERPT = 120

/** The file that gave the value at `path`, and where in it; earlier mounts win when both have it. */
export function originOf(
  mounts: readonly Mount[],
  path: Path,
): { readonly mount: Mount; readonly path: Path; readonly located: Located } {
  let best: { mount: Mount; path: Path; located: Located } | undefined
  let most = -1
  for (const mount of mounts) {
    if (!mount.at.every((step, index) => path[index] === step)) continue
    const own = [...mount.path, ...path.slice(mount.at.length)]
    const located = mount.file.locate(own)
    const depth = mount.at.length + located.depth - mount.path.length
    if (depth > most) {
      most = depth
      best = { mount, path: own, located }
    }
  }
  if (!best) throw new SluiceError('INTERNAL', `no file holds ${formatPath(path)}`)
  return best
}

/** Places a problem in the file its value came from. */
export function toIssue(problem: Problem, mounts: readonly Mount[]): Issue {
  const { mount, path, located } = originOf(mounts, problem.path)
  const isThere = located.depth === path.length
  const hasText = located.value !== null && located.value.end > located.value.start
  const span =
    isThere && problem.at !== 'key' && hasText ? located.value : (located.key ?? located.value)
  return placeIssue(mount.file, narrow(mount.file, span ?? { start: 0, end: 0 }, problem.part), {
    path: formatPath(path),
    message: problem.message,
    unsupported: problem.unsupported === true,
  })
}

/** The span of a part of what stands in a span; all of it when the part is spelled otherwise there. */
function narrow(file: YamlFile, span: Span, part: string | undefined): Span {
  const at = part === undefined ? -1 : file.text.slice(span.start, span.end).indexOf(part)
  if (part === undefined || at < 0) return span
  return { start: span.start + at, end: span.start + at + part.length }
}

/** The faults of a file that is not YAML. */
export function faultIssues(file: YamlFile): Issue[] {
  return file.faults.map(({ span, message }) =>
    placeIssue(file, span, { path: '', message, unsupported: false }),
  )
}

function placeIssue(
  file: YamlFile,
  span: Span,
  facts: Pick<Issue, 'path' | 'message' | 'unsupported'>,
): Issue {
  const { line, column } = file.position(span.start)
  const excerpt = drawExcerpt(file, line, column, span)
  return { file: file.name, line, column, ...facts, excerpt }
}

/**
 * Every issue in one error whose message is the whole report, in the order of files and positions.
 * Its code is CONFIG_UNSUPPORTED when nothing else is wrong than what this version can't do yet.
 */
export function configError(issues: readonly Issue[]): SluiceError {
  const unique = new Map(issues.map((issue) => [`${issue.file}:${place(issue)}`, issue]))
  const files = [...new Set(issues.map((issue) => issue.file))]
  const sorted = [...unique.values()].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  )
  const unsupported = sorted.every((issue) => issue.unsupported)
  const subject = sorted.length === 1 ? '1 mistake' : `${sorted.length} mistakes`
  const heading = unsupported
    ? 'this version of Sluice can not do what the configuration asks for'
    : `${subject} in the configuration`
  return new SluiceError(
    unsupported ? 'CONFIG_UNSUPPORTED' : 'CONFIG_INVALID',
    `${heading}\n\n${sorted.map(formatIssue).join('\n\n')}`,
    {
      hint: 'docs/configuration.md describes every key; `sluice check --offline` reads the files again',
      details: {
        issues: sorted.map(({ file, line, column, path, message }) => ({
          file,
          line,
          column,
          path,
          message,
        })),
      },
    },
  )
}

function place(issue: Issue): string {
  return `${issue.line}:${issue.column}:${issue.path}:${issue.message}`
}

function formatIssue(issue: Issue): string {
  const at = issue.line > 0 ? `${issue.file}:${issue.line}:${issue.column}` : issue.path
  const line = at === '' ? issue.message : `${at}: ${issue.message}`
  return issue.excerpt === null ? line : `${line}\n${issue.excerpt}`
}

/** The line with a caret below what the span covers of it. */
function drawExcerpt(file: YamlFile, line: number, column: number, span: Span): string | null {
  const shown = maskSecrets(file).split('\n')[line - 1]?.replace(/\r$/, '').replaceAll('\t', ' ')
  if (shown === undefined || shown.trim() === '') return null
  // A caret far to the right is brought into view by cutting the line on its left.
  const from = column > LONGEST_EXCERPT - 20 ? column - 40 : 0
  const cut = shown.slice(from, from + LONGEST_EXCERPT)
  const caret = Math.max(column - 1 - from, 0)
  const length = Math.max(1, Math.min(span.end - span.start, cut.trimEnd().length - caret))
  const gutter = String(line).length
  return [
    `  ${line} | ${cut.trimEnd()}`,
    `  ${' '.repeat(gutter)} | ${' '.repeat(caret)}${'^'.repeat(length)}`,
  ].join('\n')
}

/** A text right at `auth` is most likely the credential itself. */
function isSecretText(key: string, isText: boolean): boolean {
  return isSecretKey(key) || (isText && key === 'auth')
}

const MASKED = new WeakMap<YamlFile, string>()

/** The file's text with secret values starred out, character by character so that columns stay. */
function maskSecrets(file: YamlFile): string {
  const known = MASKED.get(file)
  if (known !== undefined) return known
  let masked = file.text
  for (const { start, end } of file.scalarsBelow(isSecretText)) {
    // The name of a variable is no secret and helps to see what is wrong.
    const stars = masked
      .slice(start, end)
      .replaceAll(/(\$\{\w+\})|\S/g, (_, name: string | undefined) => name ?? '*')
    masked = masked.slice(0, start) + stars + masked.slice(end)
  }
  if (file.faults.length > 0) {
    // A broken file may have no such node: whatever follows a secret-looking key on its line is hidden.
    masked = masked.replaceAll(
      /((?:key|secret|token|passw\w*|credential\w*|connection_string|authorization)["']?\s*:)([^\n]*)/gi,
      (_, key: string, rest: string) => key + rest.replaceAll(/[^\s]/g, '*'),
    )
  }
  MASKED.set(file, masked)
  return masked
}
