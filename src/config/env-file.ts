export interface EnvFile {
  readonly values: Readonly<Record<string, string>>
  /** Numbers of the lines that are neither `NAME=value`, a comment, nor empty. */
  readonly badLines: readonly number[]
}

const LINE =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[^])*)"|'([^']*)'|`([^`]*)`|((?!["'`])[^\n]*?))[ \t]*(?:(?:^|[ \t])#[^\n]*)?$/
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/**
 * Reads a `.env` file: `NAME=value` lines with an optional `export`, `#` comments (after a value only
 * behind a space), and quotes. Double quotes know `\n`, `\r`, `\t`, `\"` and `\\`; quoted values may span
 * lines. Nothing is expanded. The last of several equal names wins.
 */
export function parseEnvFile(text: string): EnvFile {
  const values: Record<string, string> = {}
  const badLines: number[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    if (/^\s*(?:#|$)/.test(line)) continue
    const started = i
    let statement = line
    // A quote that its own line does not close runs on to the line that does.
    const quote = /=[ \t]*(["'`])/.exec(line)?.[1]
    if (quote !== undefined) {
      while (!closes(statement, quote) && i + 1 < lines.length) statement += `\n${lines[++i]!}`
    }
    const match = LINE.exec(statement)
    const unclosed = quote !== undefined && !closes(statement, quote)
    if (!match || unclosed) {
      badLines.push(started + 1)
      i = started
      continue
    }
    const [, name, double, single, backtick, plain] = match
    values[name!] =
      double === undefined
        ? (single ?? backtick ?? plain ?? '')
        : double.replaceAll(/\\([^])/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped)
  }
  return { values, badLines }
}

function closes(statement: string, quote: string): boolean {
  const value = statement.slice(statement.indexOf(quote, statement.indexOf('=')) + 1)
  return (quote === '"' ? value.replaceAll(/\\[^]/g, '') : value).includes(quote)
}
