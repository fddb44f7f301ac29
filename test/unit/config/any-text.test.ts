import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { SluiceError } from '../../../src/core/errors.ts'
import { createScratch } from './helpers.ts'

const WORDS =
  'base_url auth type api_key endpoints defaults name path pagination offset incremental cursor_path params json ' +
  'headers dependencies depends_on param_mapping transform select columns << &a *a !x ${X} ${ {cursor.start} {{ null ' +
  '~ 1 -1 1e999 true " \' | > __proto__ constructor https://a.test \u0000 \uD800'
const GLUE = [
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
]
const SOURCE_KEYS = 'name base_url auth headers params rate_limit retry defaults dependencies'
const ENDPOINT_KEYS =
  'name table_name path method params headers json data_selector primary_key pagination incremental ' +
  'write_disposition deletes transform columns json_columns max_nesting schema_contract on_status depends_on ' +
  'max_pages selected'
const VALUES = [
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
]

const yamlish = fc
  .array(fc.tuple(fc.constantFrom(...WORDS.split(' ')), fc.constantFrom(...GLUE)), {
    maxLength: 30,
  })
  .map((parts) => parts.flat().join(''))

/** Whether loading ended as it may: with a configuration, or with a report that names places. */
async function endsWell(loading: Promise<unknown>, isReport: (message: string) => boolean) {
  const thrown: unknown = await loading.then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown === null) return
  const isConfigError =
    thrown instanceof SluiceError && ['CONFIG_INVALID', 'CONFIG_UNSUPPORTED'].includes(thrown.code)
  if (!isConfigError || !isReport(thrown.message)) throw thrown
}

it('whatever a file holds, its mistakes are reported by place', async () => {
  const load = createScratch()
  const isReport = (message: string) => /yaml:\d+:\d+: /.test(message)
  await fc.assert(
    fc.asyncProperty(yamlish, yamlish, async (source, pipelines) => {
      await endsWell(load({ 'acme.yaml': source }), isReport)
      await endsWell(load({ 'acme.yaml': source, 'pipelines.yaml': pipelines }), isReport)
    }),
    { numRuns: 150 },
  )
  // What the last run wrote can still be replaced by a good one: nothing is remembered between loads.
  const good = 'base_url: https://a.test\nendpoints: [{ name: a, path: /a }]\n'
  expect((await load({ 'acme.yaml': good })).pipelines).toHaveLength(1)
})

it('right keys with wrong values are explained in words of their own', async () => {
  const map = (keys: string) =>
    fc.dictionary(fc.constantFrom(...keys.split(' ')), fc.constantFrom(...VALUES), { maxKeys: 4 })
  const endpoints = fc.array(fc.oneof(map(ENDPOINT_KEYS), fc.constantFrom(...VALUES)), {
    maxLength: 3,
  })
  const load = createScratch()
  const isReport = (message: string) => !/invalid input|undefined|\[object/i.test(message)
  await fc.assert(
    fc.asyncProperty(map(SOURCE_KEYS), endpoints, async (head, endpoints) => {
      await endsWell(load({ 'acme.yaml': JSON.stringify({ ...head, endpoints }) }), isReport)
    }),
    { numRuns: 300 },
  )
  await expect(load({ 'acme.yaml': '{}' })).rejects.toThrow('"endpoints" is missing')
})
