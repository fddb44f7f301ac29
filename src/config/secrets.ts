import * as z from 'zod'
import type { Path } from './problem.ts'
import { childSchemas } from './schema-walk.ts'

const SECRET_KEY =
  /(?:api|access|auth|private)key$|secret(?:key)?$|token$|passw(?:or)?d$|pwd?$|username$|credentials?$|connectionstring$|authorization$|signature$|^cookie$/

/**
 * Whether a key names something secret, by its spelling alone: for files too broken to be understood,
 * and for headers and parameters, whose names are the API's.
 */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase().replaceAll(/[-_ ]/g, ''))
}

/** Whether the value at a path is secret by a key above it; a text right at `auth` is, too. */
export function isSecretPath(path: Path): boolean {
  return (
    path.at(-1) === 'auth' || path.some((step) => typeof step === 'string' && isSecretKey(step))
  )
}

/** Every text in a valid value that stands at a schema marked `secret`, or under a key that names one. */
export function collectSecrets(schema: z.ZodType, value: unknown): string[] {
  const found = new Set<string>()
  walk(schema, value, false)
  return [...found]

  function walk(at: z.ZodType | undefined, value: unknown, secret: boolean): void {
    const marked = secret || (at !== undefined && isMarked(at))
    if (typeof value === 'string') {
      if (marked && value !== '') for (const text of withPassword(value)) found.add(text)
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(next(at, value, index), item, marked)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        walk(next(at, value, key), item, marked || isSecretKey(key))
      }
    }
  }
}

function next(schema: z.ZodType | undefined, value: unknown, step: string | number) {
  return schema === undefined ? undefined : childSchemas(schema, value, step)[0]
}

/** `secret` may be set on the schema itself or on what `.optional()` and the like wrap. */
function isMarked(schema: z.ZodType): boolean {
  if (z.globalRegistry.get(schema)?.secret === true) return true
  const inner = (schema.def as { innerType?: z.ZodType; in?: z.ZodType }).innerType
  return inner !== undefined && isMarked(inner)
}

/** A connection string is secret, and so is the password in it when a driver prints it alone. */
function withPassword(secret: string): string[] {
  const password = URL.canParse(secret) ? decodeURIComponent(new URL(secret).password) : ''
  return password === '' ? [secret] : [secret, password]
}
