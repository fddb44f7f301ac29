import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configError } from '../../../src/config/diagnostics.ts'
import { SluiceError } from '../../../src/core/errors.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { issuesOf, loadError, sourceIssues, PIPELINES } from './helpers.ts'

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
      `auth: ${secret}`,
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
      const told = JSON.stringify([source.slice(0, 20), error.message, error.details, error.hint])
      expect(told).not.toContain(secret)
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
    expect(issuesOf(error)).toEqual([
      '5:28 expected a number (quoted values and variables are text)',
    ])
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
      'pipelines.yaml': PIPELINES.replace(
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
    const both = await loadError({
      'acme.yaml': endpoint('write_disposition: scd2\n    deletes: sfot'),
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
