import type * as z from 'zod'
import { configError, type Issue } from './diagnostics.ts'
import { formatPath, type Problem } from './problem.ts'
import type { ResolvedSource } from './resolved.ts'
import { resolveSource } from './resolve-source.ts'
import type { sourceFile } from './schema.ts'
import { isSecretPath } from './secrets.ts'

/** A source as it is written in code: the keys of a source file. */
export type SourceDefinition = Omit<z.input<typeof sourceFile>, 'endpoints'> & {
  /** Keys that `defaults` gives may be left out. */
  readonly endpoints: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[]
}

/**
 * A source defined in code instead of a file: the same keys, checks and defaults. `${NAME}` is not replaced;
 * use `process.env`. `vars` are the values of `{vars.<name>}`.
 *
 * @throws SluiceError CONFIG_INVALID or CONFIG_UNSUPPORTED with every mistake in one report, by path
 */
export function defineSource(
  definition: SourceDefinition,
  options: { readonly vars?: Readonly<Record<string, string>> } = {},
): ResolvedSource {
  const { source, problems } = resolveSource({
    source: definition,
    overrides: {},
    name: 'source',
    vars: options.vars ?? {},
    endpointNames: null,
    isHidden: isSecretPath,
  })
  if (source) return source
  throw configError(problems.map(issueByPath))
}

function issueByPath({ path, message, unsupported }: Problem): Issue {
  return {
    file: 'the source',
    line: 0,
    column: 0,
    path: formatPath(path),
    message,
    unsupported: unsupported === true,
    excerpt: null,
  }
}
