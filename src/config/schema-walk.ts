import * as z from 'zod'

/** A schema without `.optional()`, `.default()`, `.transform()` and the like. */
function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType, in: input } = schema.def as { innerType?: z.ZodType; in?: z.ZodType }
  if (schema instanceof z.ZodPipe) return unwrap(input!)
  return innerType === undefined ? schema : unwrap(innerType)
}

/** The schemas a value may be checked against: the options of a union, the one that its `type` chooses. */
function alternatives(schema: z.ZodType, value: unknown): z.ZodType[] {
  const plain = unwrap(schema)
  if (plain instanceof z.ZodLazy) return []
  if (!(plain instanceof z.ZodUnion)) return [plain]
  const options = (plain.options as z.ZodType[]).flatMap((option) => alternatives(option, value))
  const type = (value as { type?: unknown } | null | undefined)?.type
  const chosen = options.filter(
    (option) => option instanceof z.ZodObject && literalType(option) === type,
  )
  return plain instanceof z.ZodDiscriminatedUnion && chosen.length > 0 ? chosen : options
}

function literalType(schema: z.ZodObject): unknown {
  const type: unknown = schema.shape.type
  return type instanceof z.ZodLiteral ? type.value : undefined
}

/** The schemas of what stands at one key or position of a value; empty where anything, or nothing, may stand. */
export function childSchemas(
  schema: z.ZodType,
  value: unknown,
  step: string | number,
): z.ZodType[] {
  return alternatives(schema, value).flatMap((option): z.ZodType[] => {
    if (option instanceof z.ZodObject) {
      const shape: Readonly<Record<string, z.ZodType>> = option.shape
      return Object.hasOwn(shape, step) ? [shape[step]!] : []
    }
    if (option instanceof z.ZodRecord) return [option.valueType as z.ZodType]
    if (option instanceof z.ZodArray) return [option.element as z.ZodType]
    return []
  })
}

/** The schemas of the value at a path of `root`. */
export function schemasAt(
  schema: z.ZodType,
  root: unknown,
  path: readonly PropertyKey[],
): { readonly schemas: readonly z.ZodType[]; readonly value: unknown } {
  let schemas: readonly z.ZodType[] = [schema]
  let value = root
  for (const step of path) {
    const from = value
    schemas = schemas.flatMap((each) => childSchemas(each, from, step as string | number))
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step]
  }
  return { schemas, value }
}

/** Every key that a map at `path` may have, in the order of the definitions. */
export function keysAt(schema: z.ZodType, root: unknown, path: readonly PropertyKey[]): string[] {
  const { schemas, value } = schemasAt(schema, root, path)
  const keys = schemas
    .flatMap((each) => alternatives(each, value))
    .flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []))
  return [...new Set(keys)]
}
