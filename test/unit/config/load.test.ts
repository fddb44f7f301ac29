import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { issuesOf, load, loadError, writeFiles } from './helpers.ts'

const SOURCE = `
base_url: https://api.acme.test/v1/
endpoints:
  - { name: leads, path: /lead/, primary_key: id }
  - { name: events, path: /event/, incremental: { cursor_path: at } }
  - { name: users, path: /user/, selected: false }
`

const TWO = `
destinations:
  local: { type: sqlite, path: 'data/{dataset}.db' }
  warehouse: { type: postgres, connection_string: "\${DATABASE_URL}" }
pipelines:
  one:
    source: acme.yaml
    destination: local
  two:
    source: acme.yaml
    destination: warehouse
    dataset: acme_two
    start_date: 2024-01-01
    endpoints: [events]
    schedule: '*/15 8-18 * * mon-fri'
    vars: { region: eu, year: 2024 }
    headers: { X-Token: "\${TOKEN}" }
`

describe('loadConfig', () => {
  it('fills in every default', async () => {
    const config = await load({ 'acme.yaml': SOURCE })
    expect(config.pipelineNames).toEqual(['acme'])
    const [pipeline] = config.pipelines
    expect(pipeline).toMatchObject({
      name: 'acme',
      dataset: 'acme',
      destination: { name: 'local', config: { type: 'sqlite', path: 'data/{dataset}.db' } },
      startDate: null,
      endpointNames: null,
      schedule: null,
      vars: {},
      sourceFile: join(config.folder, 'acme.yaml'),
      source: { name: 'acme', auth: { type: 'none' }, retry: { max_attempts: 8 } },
    })
    const { endpoints } = pipeline!.source
    expect(endpoints.map((each) => each.write_disposition)).toEqual(['merge', 'append', 'replace'])
    expect(endpoints.map((each) => each.pagination.type)).toEqual(['auto', 'auto', 'auto'])
    expect(endpoints[0]).toMatchObject({
      method: 'GET',
      params: {},
      headers: {},
      primary_key: ['id'],
    })
    expect(endpoints.map((each) => each.selected)).toEqual([true, true, false])
  })

  it('takes what a pipeline says', async () => {
    const { pipelines } = await load(
      { 'acme.yaml': SOURCE, 'pipelines.yaml': TWO },
      { env: { DATABASE_URL: 'postgres://u:p%40ss@h/d', TOKEN: 'tok_12345' }, pipelines: ['two'] },
    )
    expect(pipelines).toHaveLength(1)
    expect(pipelines[0]).toMatchObject({
      name: 'two',
      dataset: 'acme_two',
      destination: { name: 'warehouse', config: { connection_string: 'postgres://u:p%40ss@h/d' } },
      startDate: '2024-01-01',
      endpointNames: ['events'],
      schedule: '*/15 8-18 * * mon-fri',
      vars: { region: 'eu', year: '2024' },
      source: { headers: { 'X-Token': 'tok_12345' } },
    })
  })

  it('asks for the variables of the pipelines that are run, and no others', async () => {
    const files = { 'acme.yaml': SOURCE, 'pipelines.yaml': TWO }
    expect((await load(files, { pipelines: ['one'] })).pipelines).toHaveLength(1)
    const error = await loadError(files)
    expect(issuesOf(error).map((issue) => issue.replace(/ is not set.*/, ''))).toEqual([
      '4:52 the environment variable DATABASE_URL',
      '17:26 the environment variable TOKEN',
    ])
  })

  it('does not ask for a variable that the pipeline overrides', async () => {
    const source = `${SOURCE}auth: { type: bearer, token: "\${TOKEN}" }\nheaders: { A: "\${HEADER}" }\n`
    const pipelines = (more: string) =>
      `destinations: { local: { type: sqlite } }\npipelines:\n  acme: { source: acme.yaml, ${more} }\n`
    const config = await load({
      'acme.yaml': source,
      'pipelines.yaml': pipelines('auth: { token: abc }, headers: { A: null }'),
    })
    expect(config.pipelines[0]!.source).toMatchObject({
      auth: { type: 'bearer', token: 'abc' },
      headers: {},
    })
    const other = { 'acme.yaml': source, 'pipelines.yaml': pipelines('auth: { type: none }') }
    const error = await loadError(other)
    expect(issuesOf(error)).toHaveLength(1)
    expect(error.message).toContain('HEADER')
  })

  it('reads .env beside pipelines.yaml, under the real environment', async () => {
    const files = {
      'acme.yaml': `${SOURCE}headers: { A: "\${A}", B: "\${B}" }\n`,
      '.env': 'A=from file\nB=from file\n',
      'other.env': 'A=other\nB=other\n',
    }
    const headers = async (options: { env: Record<string, string | undefined> }) =>
      (await load(files, options)).pipelines[0]!.source.headers
    expect(await headers({ env: { B: 'real', A: undefined } })).toEqual({
      A: 'from file',
      B: 'real',
    })

    const folder = writeFiles({
      'pipelines.yaml': TWO.replaceAll(/ {2}(?:two|warehouse)[^]*?(?=pipelines|$)/g, ''),
      ...files,
    })
    const config = await loadConfig(join(folder, 'pipelines.yaml'), {
      env: {},
      envFile: join(folder, 'other.env'),
    })
    expect(config.pipelines[0]!.source.headers).toEqual({ A: 'other', B: 'other' })
  })

  it('says which line of .env is nothing, without showing it', async () => {
    const error = await loadError({ 'acme.yaml': SOURCE, '.env': 'A=1\nsk_live_123456\n' })
    expect(error.message).toContain('.env:2:1: expected NAME=value')
    expect(error.message).not.toContain('sk_live')
  })

  it('collects what must not be printed, and nothing that messages need', async () => {
    const source = `
base_url: \${BASE}
auth: { type: http_basic, username: "\${KEY}", password: literal_password }
headers: { X-Api-Key: literal_header, X-Other: plain_text, X-Var: "id \${ID}" }
endpoints:
  - { name: leads, path: /lead/, params: { token: literal_param } }
`
    const pipelines = `
destinations:
  warehouse: { type: postgres, connection_string: "\${URL}" }
pipelines:
  acme: { source: acme.yaml, dataset: "\${DATASET}", start_date: "\${START}" }
`
    const { secrets } = await load(
      { 'acme.yaml': source, 'pipelines.yaml': pipelines },
      {
        env: {
          BASE: 'https://api.acme.test',
          KEY: 'key_1',
          ID: 'id_1',
          URL: 'postgres://u:p%40ss@h/d',
          DATASET: 'acme',
          START: '2024-01-01',
        },
      },
    )
    expect(secrets.toSorted()).toEqual(
      [
        'key_1',
        'literal_password',
        'literal_header',
        'id_1',
        'literal_param',
        'postgres://u:p%40ss@h/d',
        'p@ss',
      ].toSorted(),
    )
  })

  it('fills {vars.x} into the base URL and headers, and leaves the other templates alone', async () => {
    const source = `
base_url: https://{vars.region}.acme.test/v1
headers: { X-Region: "{vars.region}-{{1}}" }
endpoints:
  - { name: leads, path: "/{vars.region}/lead", params: { day: "{today}" } }
`
    const pipelines = `
destinations: { local: { type: sqlite } }
pipelines: { acme: { source: acme.yaml, vars: { region: eu } } }
`
    const config = await load({ 'acme.yaml': source, 'pipelines.yaml': pipelines })
    expect(config.pipelines[0]!.source).toMatchObject({
      base_url: 'https://eu.acme.test/v1',
      headers: { 'X-Region': 'eu-{1}' },
      endpoints: [{ path: '/{vars.region}/lead', params: { day: '{today}' } }],
    })
  })

  it('does not take a variable for a template', async () => {
    const source = `
base_url: https://acme.test
endpoints: [{ name: leads, path: "/lead/\${X}", params: { q: "\${X}" } }]
`
    const config = await load({ 'acme.yaml': source }, { env: { X: '{now}' } })
    expect(config.pipelines[0]!.source.endpoints[0]).toMatchObject({
      path: '/lead/{{now}}',
      params: { q: '{{now}}' },
    })
  })

  it('brings dependencies into the endpoints, wherever they were written', async () => {
    const source = `
base_url: https://acme.test
endpoints:
  - { name: users, path: /user/ }
  - { name: posts, path: "/user/{user_id}/posts/", primary_key: id }
  - name: likes
    path: /like/
    params: { post: "{parent.id}" }
    depends_on: { endpoint: posts, param_mapping: { post_id: id }, include: [title] }
dependencies:
  - { endpoint: posts, depends_on: users, param_mapping: { user_id: id }, only_changed: true }
`
    const { endpoints } = (await load({ 'acme.yaml': source })).pipelines[0]!.source
    expect(endpoints.map((each) => each.depends_on)).toEqual([
      undefined,
      { endpoint: 'users', param_mapping: { user_id: 'id' }, include: [], only_changed: true },
      {
        endpoint: 'posts',
        param_mapping: { post_id: 'id' },
        include: ['title'],
        only_changed: false,
      },
    ])
  })

  it('accepts max_pages in pagination and beside it', async () => {
    const source = `
base_url: https://acme.test
endpoints:
  - { name: a, path: /a, pagination: { type: page, max_pages: 3 } }
  - { name: b, path: /b, max_pages: 4 }
`
    const { endpoints } = (await load({ 'acme.yaml': source })).pipelines[0]!.source
    expect(endpoints.map((each) => each.max_pages)).toEqual([3, 4])
  })

  it("keeps null in the headers and params of an endpoint, to drop the source's", async () => {
    const source = `
base_url: https://acme.test
headers: { X-V: a, X-Gone: }
params: { ver: 2, gone: }
defaults:
  headers: { X-Default: a, X-V: null }
  params: { ver: null, page: 1 }
endpoints:
  - { name: a, path: /a, headers: { X-Default: null }, params: { page: null } }
  - { name: b, path: /b, headers: { X-V: b }, params: { ver: 3 } }
`
    const resolved = (await load({ 'acme.yaml': source })).pipelines[0]!.source
    expect(resolved).toMatchObject({ headers: { 'X-V': 'a' }, params: { ver: 2 } })
    expect(resolved.endpoints.map(({ headers, params }) => ({ headers, params }))).toEqual([
      { headers: { 'X-Default': null, 'X-V': null }, params: { ver: null, page: null } },
      { headers: { 'X-Default': 'a', 'X-V': 'b' }, params: { ver: 3, page: 1 } },
    ])
    expect(resolved.headers).not.toHaveProperty('X-Gone')
  })

  it('takes empty keys of a source for absent ones', async () => {
    const source = `${SOURCE}headers:\nparams:\ndependencies:\ndefaults:\n`
    expect((await load({ 'acme.yaml': source })).pipelines[0]!.source.headers).toEqual({})
  })
})

describe('files that are not there', () => {
  it('pipelines.yaml: says how to get one', async () => {
    await expect(loadConfig('/nonexistent/pipelines.yaml', { env: {} })).rejects.toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: 'there is no /nonexistent/pipelines.yaml',
      hint: expect.stringContaining('write one: see README.md') as string,
    })
  })

  it('pipelines.yaml that is a folder', async () => {
    const folder = writeFiles({})
    mkdirSync(join(folder, 'pipelines.yaml'))
    await expect(loadConfig(join(folder, 'pipelines.yaml'), { env: {} })).rejects.toMatchObject({
      code: 'CONFIG_NOT_FOUND',
    })
  })

  it('a source file: at its place, with the name that was probably meant', async () => {
    const files = { 'acme.yml': SOURCE, 'notes.txt': '' }
    expect(issuesOf(await loadError(files))).toEqual([
      '5:19 there is no file acme.yaml; did you mean "acme.yml"?',
    ])
  })

  it('--env-file, but not .env', async () => {
    const error = await loadError({ 'acme.yaml': SOURCE }, { envFile: '/nonexistent/.env' })
    expect(error).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: 'there is no /nonexistent/.env',
    })
  })
})

describe('pipelines', () => {
  const withPipelines = async (pipelines: string, destinations = '{ local: { type: sqlite } }') =>
    issuesOf(
      await loadError({
        'acme.yaml': SOURCE,
        'b.yaml': SOURCE,
        'pipelines.yaml': `destinations: ${destinations}\npipelines:\n${pipelines}`,
      }),
    )

  it('an unknown one on the command line is a usage error', async () => {
    const error = await loadError({ 'acme.yaml': SOURCE }, { pipelines: ['acmee'] })
    expect(error).toMatchObject({
      code: 'USAGE',
      message: 'pipelines.yaml has no pipeline "acmee"; did you mean "acme"?',
      hint: 'its pipelines: acme',
    })
  })

  it('need a destination when there are several', async () => {
    const two = '{ a: { type: sqlite }, b: { type: sqlite } }'
    expect(await withPipelines('  acme: { source: acme.yaml }', two)).toEqual([
      '3:3 "destination" is missing; one of a, b',
    ])
  })

  it('name endpoints that the source has, once', async () => {
    expect(
      await withPipelines('  acme: { source: acme.yaml, endpoints: [leads, event, leads] }'),
    ).toEqual([
      '3:49 acme.yaml has no endpoint "event"; did you mean "events"?',
      '3:56 "leads" is in this list twice',
    ])
  })

  it('of different sources may not share tables', async () => {
    expect(
      await withPipelines(
        '  a: { source: acme.yaml, dataset: x }\n  b: { source: b.yaml, dataset: x }',
      ),
    ).toEqual([
      '4:24 "b" and "a" would both write the dataset "x" of "local"; give one of them another dataset',
    ])
    expect(
      await withPipelines(
        '  a: { source: acme.yaml }\n  b: { source: b.yaml }',
        '{ local: { type: sqlite, path: all.db } }',
      ),
    ).toEqual([
      '4:3 "b" and "a" would both write the file all.db of "local"; put {dataset} into its path',
    ])
  })

  it('of one source may share them', async () => {
    const pipelines = `
destinations: { local: { type: sqlite } }
pipelines:
  a: { source: acme.yaml, dataset: x, endpoints: [leads] }
  b: { source: ./acme.yaml, dataset: x, endpoints: [events] }
`
    const config = await load({ 'acme.yaml': SOURCE, 'pipelines.yaml': pipelines })
    expect(config.pipelines).toHaveLength(2)
  })

  it.each([
    ['2024', 'expected text, received 2024'],
    ['2024-02-30', 'expected a day such as 2024-01-31 or an ISO date-time'],
    ['yesterday', 'expected a day such as 2024-01-31 or an ISO date-time'],
    ['20240101', 'expected text, received 20240101'],
  ])('refuse %s for a start date', async (date, message) => {
    const [issue] = await withPipelines(`  acme: { source: acme.yaml, start_date: ${date} }`)
    expect(issue).toContain(message)
  })

  it.each(['2024-01-31', '2024-01-31T10:00:00Z', "'2024-01-31 10:00:00+02:00'"])(
    'take %s for a start date',
    async (date) => {
      const pipelines = `
destinations: { local: { type: sqlite } }
pipelines: { acme: { source: acme.yaml, start_date: ${date} } }
`
      const config = await load({ 'acme.yaml': SOURCE, 'pipelines.yaml': pipelines })
      expect(config.pipelines[0]!.startDate).toBe(date.replaceAll("'", ''))
    },
  )
})
