import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configError } from '../../../src/config/diagnostics.ts'
import { SluiceError } from '../../../src/core/errors.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { createScratch, issuesOf, loadError, sourceIssues, PIPELINES } from './helpers.ts'

const BROKEN = 'test/fixtures/config/broken'

const SOURCE = `
base_url: https://api.acme.test
endpoints:
  - { name: leads, path: /lead/ }
`

describe('a report', () => {
  it('has every mistake of all files, in order, each with its line, a caret and a way out', async () => {
    const error: unknown = await loadConfig(`${BROKEN}/pipelines.yaml`, {
      env: {},
      pipelines: ['acme'],
    }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(SluiceError)
    const { code, message } = error as SluiceError
    expect(code).toBe('CONFIG_INVALID')
    expect(`${message}\n`).toBe(readFileSync(`${BROKEN}/report.txt`, 'utf8'))
  })

  it('never shows a secret, wherever the mistake is', async () => {
    const secret = 'sk_live_51H8xQ2'
    const sources = [
      `auth: { type: api_key, api_key: ${secret}, nmae: X }`,
      `auth: { type: api_key, api_key: [${secret}] }`,
      `auth: { type: bearer, token: { a: ${secret} } }`,
      `auth: { type: bearer, token: "${secret}`,
      `auth: { type: bearer, tokn: x, token: ${secret}, token: ${secret} }`,
      `auth:\n  type: http_basic\n  password: ${secret}\n\tusername: x`,
      `headers: { Authorization: [${secret}] }`,
      `headers: { X-Api-Key: { a: ${secret} } }`,
      'rate_limit: { concurrency: "${SECRET}" }',
      'retry: { timeout: "${SECRET}" }',
      'base_url: ${SECRET}',
      'endpoints: [{ name: a, path: "${SECRET}{x}", method: "${SECRET}" }]',
    ]
    for (const source of sources) {
      const error = await loadError({ 'acme.yaml': source }, { env: { SECRET: secret } })
      const told = JSON.stringify([error.message, error.details, error.hint])
      expect(told, source).not.toContain(secret)
    }
  })

  it('names the variable, its place and what to do when one is missing', async () => {
    const error = await loadError({
      'acme.yaml': `${SOURCE}auth: { type: bearer, token: "Bearer \${ACME_TOKEN}" }\n`,
    })
    expect(error.message).toBe(`1 mistake in the configuration

acme.yaml:5:38: the environment variable ACME_TOKEN is not set; set it, put it into .env, or give a default: \${ACME_TOKEN:-...}
  5 | auth: { type: bearer, token: ******* \${ACME_TOKEN}* }
    |                                      ^^^^^^^^^^^^^`)
    expect(error.details).toEqual({
      issues: [
        {
          file: expect.stringMatching(/acme\.yaml$/) as string,
          line: 5,
          column: 38,
          path: 'auth.token',
          message: expect.stringContaining('ACME_TOKEN') as string,
        },
      ],
    })
  })

  it('says that a number from a variable is text', async () => {
    const error = await loadError(
      { 'acme.yaml': `${SOURCE}rate_limit: { concurrency: "\${N}" }\n` },
      { env: { N: '4' } },
    )
    expect(issuesOf(error)).toEqual(['5:28 expected a number (a variable always gives text)'])
  })

  it('cuts long lines around the caret', async () => {
    const padding = 'x'.repeat(300)
    const error = await loadError({
      'acme.yaml': `${SOURCE}params: { a: ${padding} }\nretry: { reset_header: ${padding}, x: 1 }\n`,
    })
    const lines = error.message.split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200)
    const caret = lines.at(-1)!.indexOf('^')
    expect(lines.at(-2)!.slice(caret, caret + 1)).toBe('x')
    expect(lines.at(-2)!.slice(caret - 2)).toBe(', x: 1 }')
  })

  it('says the same thing once when defaults bring it into every endpoint', async () => {
    const source = `
base_url: https://api.acme.test
defaults: { pagination: { type: ofset } }
endpoints: [{ name: a, path: /a }, { name: b, path: /b }]
`
    expect(await sourceIssues(source)).toHaveLength(1)
  })

  it('points into pipelines.yaml when the mistake is in an override', async () => {
    const error = await loadError({
      'acme.yaml': SOURCE,
      'pipelines.yaml': `${PIPELINES}`.replace(
        '{ source: acme.yaml }',
        '{ source: acme.yaml, base_url: nope, retry: { max_attempts: 0 }, headers: { A: [] } }',
      ),
    })
    expect(error.details.issues).toMatchObject([
      { line: 5, path: 'pipelines.acme.base_url' },
      { line: 5, path: 'pipelines.acme.retry.max_attempts' },
      { line: 5, path: 'pipelines.acme.headers.A' },
    ])
  })

  it('is CONFIG_UNSUPPORTED only when nothing else is wrong', async () => {
    const endpoint = (more: string) => `
base_url: https://api.acme.test
endpoints:
  - name: leads
    path: /lead/
    primary_key: id
    ${more}
`
    const scd2 = await loadError({ 'acme.yaml': endpoint('write_disposition: scd2') })
    expect(scd2).toMatchObject({ code: 'CONFIG_UNSUPPORTED' })
    expect(scd2.message).toContain('acme.yaml:7:24: `scd2` is not supported yet')
    const deletes = await loadError({
      'acme.yaml': endpoint('deletes: { mode: soft, max_delete_ratio: 0.5 }'),
    })
    expect(deletes).toMatchObject({ code: 'CONFIG_UNSUPPORTED' })
    const window = await loadError({
      'acme.yaml': endpoint('incremental: { cursor_path: a, window: { size: P30D } }'),
    })
    expect(window).toMatchObject({ code: 'CONFIG_UNSUPPORTED' })
    const both = await loadError({
      'acme.yaml': endpoint('deletes: hard\n    write_disposition: upsert'),
    })
    expect(both).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('reports YAML that is broken like every other mistake', async () => {
    const error = await loadError({ 'acme.yaml': 'base_url: x\nendpoints:\n\t- name: a\n' })
    expect(error.message).toContain(
      'acme.yaml:3:1: a tab can not indent YAML; use spaces\n  3 |  - name: a\n    | ^',
    )
    const pipelines = await loadError({ 'pipelines.yaml': 'pipelines: {}\npipelines: {}\n' })
    expect(pipelines.message).toContain('pipelines.yaml:2:1: this key is here twice; keep one')
  })
})

describe('whatever the text', () => {
  const word = fc.constantFrom(
    'base_url',
    'auth',
    'type',
    'api_key',
    'endpoints',
    'defaults',
    'name',
    'path',
    'pagination',
    'offset',
    'incremental',
    'cursor_path',
    'params',
    'json',
    'headers',
    'dependencies',
    'depends_on',
    'param_mapping',
    'transform',
    'select',
    'columns',
    '<<',
    '&a',
    '*a',
    '!x',
    '${X}',
    '${',
    '{cursor.start}',
    '{{',
    'null',
    '~',
    '1',
    '-1',
    '1e999',
    'true',
    '"',
    "'",
    '|',
    '>',
    '__proto__',
    'constructor',
    'https://a.test',
    '\u0000',
    '\uD800',
  )
  const glue = fc.constantFrom(
    ': ',
    ':\n  ',
    '\n',
    '\n- ',
    '\n  - ',
    ', ',
    ' ',
    '{',
    '}',
    '[',
    ']',
    '\t',
    '\r\n',
    '? ',
    '# ',
  )
  const yamlish = fc
    .array(fc.tuple(word, glue), { maxLength: 30 })
    .map((parts) => parts.map(([a, b]) => a + b).join(''))

  it('loading ends with a config or a SluiceError that names its place', async () => {
    const load = createScratch()
    await fc.assert(
      fc.asyncProperty(yamlish, yamlish, async (source, pipelines) => {
        const files = { 'acme.yaml': source, 'pipelines.yaml': pipelines }
        for (const attempt of [{ 'acme.yaml': source }, files]) {
          try {
            await load(attempt)
          } catch (error) {
            expect(error).toBeInstanceOf(SluiceError)
            expect((error as SluiceError).code).toMatch(/^CONFIG_(?:INVALID|UNSUPPORTED)$/)
            expect((error as SluiceError).message).toMatch(/yaml:\d+:\d+: /)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('a structure of the right keys and wrong values is explained, never "Invalid input"', async () => {
    const value = fc.oneof(
      fc.constantFrom(
        '',
        'x',
        0,
        -1,
        1.5,
        null,
        true,
        'offset',
        '{nope}',
        [],
        {},
        [1],
        { type: 'x' },
        { a: null },
      ),
    )
    const record = (keys: readonly string[]) =>
      fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 })
    const endpoint = record([
      'name',
      'table_name',
      'path',
      'method',
      'params',
      'headers',
      'json',
      'data_selector',
      'primary_key',
      'pagination',
      'incremental',
      'write_disposition',
      'deletes',
      'transform',
      'columns',
      'json_columns',
      'max_nesting',
      'schema_contract',
      'on_status',
      'depends_on',
      'max_pages',
      'selected',
    ])
    const source = fc.tuple(
      record([
        'name',
        'base_url',
        'auth',
        'headers',
        'params',
        'rate_limit',
        'retry',
        'defaults',
        'dependencies',
      ]),
      fc.oneof(value, fc.array(fc.oneof(endpoint, value), { maxLength: 3 })),
    )
    const load = createScratch()
    await fc.assert(
      fc.asyncProperty(source, async ([head, endpoints]) => {
        const text = JSON.stringify({ ...head, endpoints })
        try {
          await load({ 'acme.yaml': text })
        } catch (error) {
          expect(error).toBeInstanceOf(SluiceError)
          expect((error as SluiceError).code).toMatch(/^CONFIG_(?:INVALID|UNSUPPORTED)$/)
          expect((error as SluiceError).message).not.toMatch(/invalid input|undefined|\[object/i)
        }
      }),
      { numRuns: 300 },
    )
  })
})

it('a report without a file shows paths', () => {
  const issue = {
    file: 'the source',
    line: 0,
    column: 0,
    path: 'endpoints[0].path',
    message: 'm',
    unsupported: false,
    excerpt: null,
  }
  expect(configError([issue, issue]).message).toBe(
    '1 mistake in the configuration\n\nendpoints[0].path: m',
  )
})
