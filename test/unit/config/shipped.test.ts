import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { pipelinesJsonSchema, sourceJsonSchema } from '../../../src/config/json-schema.ts'
import { loadConfig } from '../../../src/config/load.ts'

const readYaml = (file: string) =>
  parse(readFileSync(file, 'utf8'), { merge: true }) as Record<string, unknown>

/** The value of `NAME = {...}` or `NAME = [...]` in a Python file whose literals are JSON. */
function readPython(file: string, name: string): unknown {
  const text = readFileSync(file, 'utf8')
  const match = new RegExp(`^${name} = ([\\[{][^]*?^[\\]}])`, 'm').exec(text)
  return JSON.parse(match![1]!)
}

const SHIPPED = ['close', 'closeio', 'closum', 'espocrm']

type Endpoint = Record<string, unknown> & { name: string }

describe('config/closeio.yaml', () => {
  const dlt = 'test/fixtures/config/closeio-dlt.py'
  const source = readYaml('config/closeio.yaml')
  const endpoints = source.endpoints as Endpoint[]
  const known = readPython(dlt, 'ENDPOINTS') as Endpoint[]

  it('has the base URL and auth of the dlt configuration', () => {
    const base = readPython(dlt, 'BASE_CONFIG') as { base_url: string; auth: object }
    expect(source.base_url).toBe(`\${CLOSEIO_BASE_URL:-${base.base_url}}`)
    expect(source.auth).toEqual({ ...base.auth, api_key: '${CLOSEIO_API_KEY}' })
  })

  it('has its endpoints, and one more that its dependencies need', () => {
    expect(endpoints.map(({ name }) => name)).toEqual([
      ...known.map(({ name }) => name),
      'user_posts',
    ])
  })

  it.each(known)('$name is the same, key by key', (expected) => {
    const endpoint = endpoints.find(({ name }) => name === expected.name)
    expect(endpoint).toMatchObject(expected)
    expect(endpoint!.pagination).toEqual(expected.pagination)
    expect(Object.keys(endpoint!)).toEqual(Object.keys(expected))
  })

  it('has its dependencies', () => {
    expect(source.dependencies).toEqual(readPython(dlt, 'DEPENDENCIES'))
  })
})

describe('the shipped files', () => {
  it('load, given the keys', async () => {
    const env = {
      CLOSE_API_KEY: 'key_a',
      CLOSEIO_API_KEY: 'key_b',
      CLOSUM_EMAIL: 'who@closum.example',
      CLOSUM_PASSWORD: 'key_c',
      ESPOCRM_BASE_URL: 'https://crm.example/api/v1/',
      ESPOCRM_API_KEY: 'key_d',
    }
    const { pipelines, secrets } = await loadConfig('pipelines.yaml', { env })
    expect(pipelines.map(({ name }) => name)).toEqual(SHIPPED)
    for (const key of ['key_a', 'key_b', 'key_c', 'key_d']) expect(secrets).toContain(key)
    for (const { source } of pipelines) {
      const others = source.endpoints.filter((one) => one.write_disposition !== 'merge')
      expect(others.every(({ primary_key: key }) => key === undefined)).toBe(true)
    }
  })

  it('need nothing but the key of the pipeline that is run', async () => {
    await expect(
      loadConfig('pipelines.yaml', { env: { CLOSE_API_KEY: 'k' }, pipelines: ['close'] }),
    ).resolves.toMatchObject({ pipelines: [{ name: 'close' }] })
  })

  it('describe every endpoint of Close', () => {
    const { endpoints } = readYaml('config/close.yaml') as { endpoints: Endpoint[] }
    expect(endpoints.filter((endpoint) => typeof endpoint.description !== 'string')).toEqual([])
  })
})

describe('the JSON Schemas', () => {
  const source = z.fromJSONSchema(sourceJsonSchema() as never)
  const pipelines = z.fromJSONSchema(pipelinesJsonSchema() as never)

  it('are the ones in config/schema', () => {
    const read = (name: string) => readFileSync(`config/schema/${name}.json`, 'utf8')
    expect(read('source')).toBe(`${JSON.stringify(sourceJsonSchema(), null, 2)}\n`)
    expect(read('pipelines')).toBe(`${JSON.stringify(pipelinesJsonSchema(), null, 2)}\n`)
  })

  it.each(SHIPPED)('accept config/%s.yaml', (name) => {
    expect(source.safeParse(readYaml(`config/${name}.yaml`)).error?.issues).toBeUndefined()
  })

  it('accept pipelines.yaml', () => {
    expect(pipelines.safeParse(readYaml('pipelines.yaml')).error?.issues).toBeUndefined()
  })

  it('accept what is inherited, dropped or overridden elsewhere', () => {
    const minimal = {
      defaults: { path: '/x', pagination: { type: 'offset' }, incremental: { order: 'asc' } },
      endpoints: [{ name: 'a', pagination: { limit: 5 }, incremental: null, headers: { A: null } }],
    }
    expect(source.safeParse(minimal).error?.issues).toBeUndefined()
    const pipeline = {
      source: 'a.yaml',
      auth: { type: 'bearer' },
      headers: { A: null },
      retry: null,
    }
    expect(
      pipelines.safeParse({ destinations: { l: { type: 'sqlite' } }, pipelines: { a: pipeline } })
        .error?.issues,
    ).toBeUndefined()
  })

  it.each([
    [{ endpoints: [{ path: '/a' }] }],
    [{ endpoints: [{ name: 'a', paht: '/a' }] }],
    [{ endpoints: [{ name: 'a', pagination: { type: 'ofset' } }] }],
    [{ endpoints: [{ name: 'a', incremental: { order: 'up' } }] }],
    [{ auth: { type: 'basic' }, endpoints: [{ name: 'a' }] }],
    [{ url: 'x', endpoints: [{ name: 'a' }] }],
  ])('refuse %j', (wrong) => {
    expect(source.safeParse(wrong).success).toBe(false)
  })
})
