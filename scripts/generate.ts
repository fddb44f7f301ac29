/**
 * Writes what is made from the configuration's definitions: config/schema/*.json and the tables between the
 * markers of docs/configuration.md. With --check nothing is written and stale files fail it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'
import type * as z from 'zod'
import { dependsOnConfig, transformStep } from '../src/extract/config.ts'
import { auths } from '../src/http/auth/index.ts'
import { rateLimitConfig } from '../src/http/rate-budget.ts'
import { rateGroupConfig } from '../src/http/rate-limit/grouping.ts'
import { retryConfig } from '../src/http/retry.ts'
import { destinations } from '../src/load/index.ts'
import { columnConfig } from '../src/normalize/config.ts'
import { feedConfig, snapshotConfig } from '../src/config/deletes.ts'
import { endpointConfig, incrementalWithFormat } from '../src/config/endpoint.ts'
import { rereadConfig } from '../src/config/reread.ts'
import {
  pipelinesJsonSchema,
  sourceJsonSchema,
  toJsonSchema,
  type JsonSchema,
} from '../src/config/json-schema.ts'
import { pipelineConfig, sourceFile } from '../src/config/schema.ts'
import { paginators } from '../src/http/pagination/index.ts'

const ROOT = new URL('../', import.meta.url)
const DOCUMENT = 'docs/configuration.md'

interface Row {
  readonly key: string
  readonly schema: JsonSchema
  readonly isRequired: boolean
  /** What the key is when it is left out; undefined when it then is nothing. */
  readonly fallback: unknown
}

/** The rows of a map's table, in the order of its definition. */
function rowsOf(config: z.ZodObject): Row[] {
  const schema = toJsonSchema(config)
  const required = new Set(schema.required)
  return Object.entries(config.shape as Record<string, z.ZodType>).map(([key, zod]) => ({
    key,
    schema: schema.properties![key]!,
    isRequired: required.has(key),
    // JSON Schema leaves out defaults that stand behind a conversion, such as durations.
    fallback: (zod.def as { defaultValue?: unknown }).defaultValue,
  }))
}

function keysTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const cells = [`\`${row.key}\``, typeName(row.schema), defaultText(row), row.schema.description]
    return `| ${cells.map((cell) => escapeCell(cell ?? '')).join(' | ')} |`
  })
  return ['| key | value | default | meaning |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

/** One table per variant, headed by its `type`. */
function variantTables(registry: {
  readonly variants: readonly { readonly config: z.ZodObject }[]
}): string {
  const tables = registry.variants.map(({ config }) => {
    const [type, ...rows] = rowsOf(config) as [Row, ...Row[]]
    const about = type.schema.description === undefined ? [] : [type.schema.description]
    const keys = rows.length === 0 ? 'No other keys.' : keysTable(rows)
    return [`### ${typeName(type.schema)}`, ...about, keys].join('\n\n')
  })
  return tables.join('\n\n')
}

function table(config: z.ZodObject): string {
  return keysTable(rowsOf(config))
}

/** A pipeline's overrides have the values of the source's keys. */
function pipelineTable(): string {
  const source = new Map(rowsOf(sourceFile).map((row) => [row.key, row.schema]))
  const rows = rowsOf(pipelineConfig).map((row) => {
    const overridden = row.schema.type === undefined ? source.get(row.key) : undefined
    if (!overridden) return row
    return { ...row, schema: { ...overridden, description: row.schema.description! } }
  })
  return keysTable(rows)
}

function transformTable(): string {
  const steps = (transformStep.options as readonly z.ZodObject[]).flatMap(rowsOf)
  const lines = steps.map(
    ({ key, schema }) =>
      `| \`${key}\` | ${typeName(schema)} | ${escapeCell(schema.description ?? '')} |`,
  )
  return ['| step | value | what it does |', '| --- | --- | --- |', ...lines].join('\n')
}

const SECTIONS: Readonly<Record<string, () => string>> = {
  pipelines: pipelineTable,
  destinations: () => variantTables(destinations),
  source: () => table(sourceFile),
  endpoint: () => table(endpointConfig),
  feed: () => table(feedConfig),
  snapshot: () => table(snapshotConfig),
  reread: () => table(rereadConfig),
  dependency: () => table(dependsOnConfig),
  incremental: () => table(incrementalWithFormat),
  columns: () => table(columnConfig),
  transform: transformTable,
  auth: () => variantTables(auths),
  pagination: () => variantTables(paginators),
  rate_limit: () => table(rateLimitConfig),
  rate_group: () => table(rateGroupConfig),
  retry: () => table(retryConfig),
}

function isDuration(schema: JsonSchema): boolean {
  const options = schema.anyOf ?? []
  return options.length === 2 && options[0]?.type === 'string' && options[1]?.const === 0
}

function typeName(schema: JsonSchema): string {
  if (isDuration(schema)) return 'duration'
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.const !== undefined) return `\`${schema.const}\``
  const options = schema.anyOf ?? schema.oneOf
  if (options) {
    const names = new Set(options.map((option) => (option.properties ? 'map' : typeName(option))))
    return [...names].join(' or ')
  }
  if (Array.isArray(schema.type)) return schema.type.map(plainType).join(' or ')
  if (schema.type !== 'array') return plainType(schema.type)
  const item = typeName(schema.items ?? {})
  return `list of ${item === 'map' ? 'maps' : item}`
}

function plainType(type: string | undefined): string {
  if (type === undefined) return 'any value'
  const names: Readonly<Record<string, string>> = {
    boolean: '`true`, `false`',
    integer: 'whole number',
    object: 'map',
    string: 'text',
  }
  return names[type] ?? type
}

function defaultText({ schema, isRequired, fallback }: Row): string {
  if (isRequired) return 'required'
  if (fallback === undefined) return ''
  if (fallback === '') return 'empty'
  if (isDuration(schema)) return `\`${durationText(Number(fallback))}\``
  return `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``
}

function durationText(millis: number): string {
  if (millis === 0) return '0'
  if (millis % 60_000 === 0) return `${millis / 60_000}m`
  return millis % 1000 === 0 ? `${millis / 1000}s` : `${millis}ms`
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** The document with the text between `<!-- generated: NAME -->` and `<!-- end -->` replaced. */
function fillDocument(document: string): string {
  const filled = new Set<string>()
  const text = document.replaceAll(
    /(<!-- generated: (\w+) -->\n)[^]*?(\n<!-- end -->)/g,
    (_, start: string, name: string, end: string) => {
      const section = SECTIONS[name]
      if (!section) throw new Error(`${DOCUMENT} has a section "${name}" that nothing generates`)
      filled.add(name)
      return `${start}\n${section()}\n${end}`
    },
  )
  const missing = Object.keys(SECTIONS).filter((name) => !filled.has(name))
  if (missing.length > 0) throw new Error(`${DOCUMENT} lacks the sections ${missing.join(', ')}`)
  return text
}

function read(path: string): string | null {
  try {
    return readFileSync(new URL(path, ROOT), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

const outputs: Readonly<Record<string, string>> = {
  'config/schema/source.json': `${JSON.stringify(sourceJsonSchema(), null, 2)}\n`,
  'config/schema/pipelines.json': `${JSON.stringify(pipelinesJsonSchema(), null, 2)}\n`,
  [DOCUMENT]: await format(fillDocument(read(DOCUMENT) ?? ''), {
    parser: 'markdown',
    semi: false,
    singleQuote: true,
    printWidth: 100,
  }),
}
const stale = Object.keys(outputs).filter((path) => read(path) !== outputs[path])
if (process.argv.includes('--check')) {
  for (const path of stale) process.stderr.write(`${path} is stale; run npm run generate\n`)
  if (stale.length > 0) process.exitCode = 1
} else {
  for (const path of stale) {
    const file = fileURLToPath(new URL(path, ROOT))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, outputs[path]!)
    process.stdout.write(`wrote ${path}\n`)
  }
}
