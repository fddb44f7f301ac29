import * as z from 'zod'
import { MERGED_KEYS } from './merge.ts'
import { OVERRIDABLE, pipelinesFile, sourceFile } from './schema.ts'

/** A JSON Schema of draft 7, which is what YAML editors read. */
export interface JsonSchema {
  type?: string | string[]
  description?: string
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  required?: string[]
  oneOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  allOf?: JsonSchema[]
  enum?: unknown[]
  const?: string | number | boolean
  default?: unknown
  definitions?: Record<string, JsonSchema>
  [keyword: string]: unknown
}

/** The JSON Schema of what may be written for a zod schema. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      // Editors have no use for our own mark, and strict validators refuse it.
      delete jsonSchema.secret
      // `${NAME}` may stand for any text, which no pattern would allow.
      if (zodSchema._zod.def.type === 'string') {
        delete jsonSchema.pattern
        delete jsonSchema.format
      }
    },
  }) as JsonSchema
}

/**
 * The JSON Schema of a source file. It is laxer than the checks of `loadConfig`, which see the file with
 * `defaults` and a pipeline's overrides merged in: what those may give is not required here.
 */
export function sourceJsonSchema(): JsonSchema {
  const schema = toJsonSchema(sourceFile)
  const properties = schema.properties!
  const endpoint = properties.endpoints!.items!
  const inherited = mapValues(endpoint.properties!, (value, key) =>
    nullable(MERGED_KEYS.has(key) ? merged(value) : value),
  )
  // Endpoints and defaults have the same keys; written once, the file is half as long.
  const shared = mapValues(inherited, (_, key) => ({ $ref: `#/definitions/endpoint_${key}` }))
  endpoint.properties = { ...shared, name: endpoint.properties!.name! }
  endpoint.required = ['name']
  properties.defaults = {
    type: 'object',
    properties: shared,
    additionalProperties: false,
    description: properties.defaults!.description!,
  }
  schema.required = ['endpoints']
  for (const key of OVERRIDABLE) properties[key] = optional(properties[key]!)
  const definitions = { ...schema.definitions }
  for (const [key, value] of Object.entries(inherited)) definitions[`endpoint_${key}`] = value
  return { title: 'Sluice source', ...schema, definitions }
}

/** The JSON Schema of pipelines.yaml; the keys that override the source's have the source's shape. */
export function pipelinesJsonSchema(): JsonSchema {
  const schema = toJsonSchema(pipelinesFile)
  const source = sourceJsonSchema()
  const pipeline = schema.properties!.pipelines!.additionalProperties as JsonSchema
  for (const key of OVERRIDABLE) {
    const { description } = pipeline.properties![key]!
    const own = key === 'defaults' ? source.properties![key]! : merged(source.properties![key]!)
    pipeline.properties![key] = { ...nullable(own), description: description! }
  }
  return {
    title: 'Sluice pipelines',
    ...schema,
    definitions: { ...source.definitions, ...schema.definitions },
  }
}

/** A map of which any part may be given elsewhere: none of its keys is required. */
function optional(schema: JsonSchema): JsonSchema {
  const { required: _required, oneOf, ...rest } = schema
  // Without their `type` several variants fit, which `oneOf` would refuse.
  return oneOf ? { ...rest, anyOf: oneOf.map(optional) } : rest
}

/** A map that is merged key by key with an inherited one, of which a `null` drops a key. */
function merged(schema: JsonSchema): JsonSchema {
  const { properties, additionalProperties, anyOf, ...rest } = optional(schema)
  return {
    ...rest,
    ...(anyOf && { anyOf: anyOf.map(merged) }),
    ...(properties && { properties: mapValues(properties, (value) => nullable(value)) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'object'
          ? nullable(additionalProperties)
          : additionalProperties,
    }),
  }
}

function nullable(schema: JsonSchema): JsonSchema {
  if (schema.const !== undefined || schema.type?.includes('null') === true) return schema
  const { description, default: fallback, ...rest } = schema
  return {
    anyOf: [
      ...(rest.anyOf && Object.keys(rest).length === 1 ? rest.anyOf : [rest]),
      { type: 'null' },
    ],
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
  }
}

function mapValues(
  map: Readonly<Record<string, JsonSchema>>,
  change: (value: JsonSchema, key: string) => JsonSchema,
): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]))
}
