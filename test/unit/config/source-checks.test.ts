import { describe, expect, it } from 'vitest'
import { sourceIssues } from './helpers.ts'

/** The issues of a source with these endpoints, the first of which stands in line 3. */
const ofEndpoints = (endpoints: string, rest = '') =>
  sourceIssues(`base_url: https://acme.test\nendpoints:\n${endpoints}\n${rest}`)

describe('the source', () => {
  it.each([
    ['', ['1:1 expected a map, but nothing is here']],
    ['- a', ['1:1 expected a map, received a list']],
    ['base_url: https://a.test', ['1:1 "endpoints" is missing']],
    ['endpoints: [{ name: a, path: /a }]', ['1:1 "base_url" is missing']],
    [
      'url: https://a.test\nendpoints: [{ name: a, path: /a }]',
      ['1:1 unknown key "url"; did you mean "base_url"?'],
    ],
    ['base_url: https://a.test\nendpoints: []', ['2:12 the list is empty']],
    ['base_url: https://a.test\nendpoints:', ['2:1 expected a list, but nothing is here']],
    [
      'base_url: https://a.test\nendpoints: { a: { path: /a } }',
      ['2:12 expected a list, received a map'],
    ],
  ])('%j', async (text, expected) => {
    expect(await sourceIssues(text)).toEqual(expected)
  })

  it.each([
    ['/api/v1', 'expected an absolute URL such as https://api.example.com/v1'],
    ['ftp://a.test', 'expected an absolute URL such as https://api.example.com/v1'],
    ['https://user:pw1234@a.test', 'credentials belong in auth, not in the URL'],
    [
      'https://a.test/v1?key=1',
      'a base URL ends before the `?`; query parameters for every request belong in params',
    ],
  ])('refuses the base URL %s', async (url, message) => {
    expect(await sourceIssues(`base_url: ${url}\nendpoints: [{ name: a, path: /a }]`)).toEqual([
      `1:11 ${message}`,
    ])
  })

  it('explains keys that are indented too little or too much', async () => {
    expect(
      await ofEndpoints(`  - name: a
    path: /a
    incremental:
    cursor_path: at
    limit: 10`),
    ).toEqual([
      '6:5 unknown key "cursor_path" here; it belongs in incremental',
      '7:5 unknown key "limit" here; it belongs in pagination',
    ])
    expect(await ofEndpoints('  - { name: a, path: /a }', 'primary_key: id')).toEqual([
      '4:1 unknown key "primary_key" here; it belongs in an endpoint, or in defaults',
    ])
    expect(await ofEndpoints('  - { name: a, path: /a, retry: { timeout: 5s } }')).toEqual([
      '3:26 unknown key "retry" here; it belongs in the source itself, not indented below another key',
    ])
  })

  it.each([
    ['auth:', '4:1 expected a map, but nothing is here'],
    [
      'auth: {}',
      '4:1 "type" is missing; one of none, api_key, bearer, http_basic, login, oauth2, hmac',
    ],
    ['auth: { type: bearer }', '4:1 "token" is missing'],
    ['auth: { type: bearer, tokn: x }', '4:23 unknown key "tokn"; did you mean "token"?'],
    ['auth: Bearer', '4:7 expected a map'],
    ['headers: { "a b": x }', '4:12 this is not a name that a header can have'],
    ['rate_limit: { concurrency: 0 }', '4:28 expected 1 or more, received 0'],
  ])('%s', async (line, issue) => {
    const [found] = await ofEndpoints('  - { name: a, path: /a }', line)
    expect(found).toBe(issue)
  })
})

describe('endpoints', () => {
  it('have names and tables of their own', async () => {
    expect(
      await ofEndpoints(`  - { name: leads, path: /a }
  - { name: leads, path: /b }
  - { name: someLeads, path: /c }
  - { name: some_leads, path: /d }
  - { name: other, table_name: Leads, path: /e }
  - { name: _dlt_loads, path: /f }`),
    ).toEqual([
      '4:13 endpoints[0] is called "leads" too; every endpoint needs a name of its own',
      '6:13 "some_leads" and "someLeads" would both fill the table "some_leads"; give one a table_name',
      '7:32 "other" and "leads" would both fill the table "leads"; give one a table_name',
      '8:13 the table "_dlt_loads" is Sluice\'s own; use another table_name',
    ])
  })

  it.each([
    ['write_disposition: merge', '`merge` needs a primary_key to tell which row is which'],
    ['json: { a: 1 }', 'a GET has no body; add method: POST'],
    ['pagination: { type: offset, in: body }', 'a GET has no body; add method: POST'],
    ['incremental: { cursor_path: a, json: {} }', 'a GET has no body; add method: POST'],
    [
      'primary_key: id, columns: { id: { pii: drop } }',
      '"id" is a primary key and can not be dropped; hash it',
    ],
    ['incremental: { cursor_path: "a[" }', '"a[" is not a path (at character 2)'],
    [
      'incremental: { cursor_path: a, initial_value: soon }',
      'expected a day such as 2024-01-31 or an ISO date-time',
    ],
    [
      'incremental: { cursor_path: a, initial_value: 2024 }',
      'expected a day such as 2024-01-31 or an ISO date-time',
    ],
    [
      'incremental: { cursor_path: a, format: number, initial_value: x }',
      'expected a number, as incremental.format says',
    ],
    ['on_status: { 404: ignore }', 'expected one of skip, fail, received "ignore"'],
    [
      'columns: { a: { type: string } }',
      'expected one of text, bigint, decimal, double, bool, timestamp, date, json, received "string"; did you mean "text"?',
    ],
    ['deletes: sfot', 'expected one of keep, soft, hard, received "sfot"; did you mean "soft"?'],
    ['primary_key: 3', 'expected text or a list, received 3'],
    ['schema_contract: { column: freeze }', 'unknown key "column"; did you mean "columns"?'],
    [
      'transform: [{ select: [a], exclude: [b] }]',
      'expected exactly one of the keys select, exclude, rename, set, filter, module, received select and exclude',
    ],
    ['depends_on: b', 'expected a map, received "b"'],
  ])('%s', async (keys, message) => {
    const issues = await ofEndpoints(`  - { name: a, path: /a, ${keys} }`)
    expect(issues).toHaveLength(1)
    expect(issues[0]).toContain(message)
  })

  it('may not be on another server', async () => {
    expect(await ofEndpoints('  - { name: a, path: "https://other.test/a" }')).toEqual([
      '3:22 a path is appended to base_url; another server needs a source of its own',
    ])
  })
})

describe('an exclusive bound', () => {
  const of = (keys: string) =>
    ofEndpoints(`  - { name: a, path: /a, incremental: { cursor_path: at, ${keys} } }`)
  const message =
    'an exclusive bound needs one unit to step back by, which `format: string` does not have, so records that tie with the bookmark would be lost; use an inclusive parameter (gte, >=), or say `inclusive: true` if this one is'

  it.each(['param_name: at_gt', 'param_name: "at>"', 'param_name: from, inclusive: false'])(
    'of text is refused: %s',
    async (keys) => {
      expect(await of(`format: string, ${keys}`)).toEqual([expect.stringContaining(message)])
    },
  )

  it.each([
    'format: string, param_name: at_gte',
    'format: string, param_name: at_gt, inclusive: true',
    'format: string, client_side: true',
    'format: number, param_name: at_gt',
    'param_name: at_gt',
  ])('can be had otherwise: %s', async (keys) => {
    await expect(of(keys)).rejects.toThrow('the configuration was accepted')
  })
})

describe('dependencies', () => {
  const ENDPOINTS = `  - { name: users, path: /user/ }
  - { name: posts, path: "/user/{user_id}/posts/" }`

  it('are between endpoints that are declared', async () => {
    const dependency =
      'dependencies: [{ endpoint: user_posts, depends_on: users, param_mapping: { user_id: id } }]'
    expect(await ofEndpoints('  - { name: users, path: /user/ }', dependency)).toEqual([
      '4:28 no endpoint is called "user_posts"; declare it in endpoints, with the path to ask for',
    ])
    expect(
      await ofEndpoints(
        ENDPOINTS,
        'dependencies: [{ endpoint: post, depends_on: user, param_mapping: { user_id: id } }]',
      ),
    ).toEqual([
      '4:33 unknown template {user_id}; expected {now}, {today}; map it with depends_on: { endpoint: ..., param_mapping: { user_id: id } }',
      '5:28 no endpoint is called "post"; did you mean "posts"?; declare it in endpoints, with the path to ask for',
      '5:46 no endpoint is called "user"; did you mean "users"?',
    ])
  })

  it('may not go in circles', async () => {
    expect(
      await ofEndpoints(`  - { name: a, path: "/{x}", depends_on: { endpoint: b, param_mapping: { x: id } } }
  - { name: b, path: "/{x}", depends_on: { endpoint: c, param_mapping: { x: id } } }
  - { name: c, path: "/{x}", depends_on: { endpoint: b, param_mapping: { x: id } } }
  - { name: d, path: "/{x}", depends_on: { endpoint: d, param_mapping: { x: id } } }`),
    ).toEqual([
      '4:54 this goes in circles: "b" needs "c", "c" needs "b"',
      '6:54 "d" can not depend on itself',
    ])
  })

  it('may not go in circles by way of event feeds', async () => {
    const FEED = (endpoint: string) => `{ endpoint: ${endpoint}, where: { a: 1 }, key: k }`
    const CHILD = 'depends_on: { endpoint: notes, param_mapping: { x: id } }'
    expect(
      await ofEndpoints(`  - { name: notes, path: /n, primary_key: id, deletes: { mode: soft, from: ${FEED('log')} } }
  - { name: pages, path: "/{x}", ${CHILD} }
  - { name: log, path: "/{y}", depends_on: { endpoint: pages, param_mapping: { y: id } } }`),
    ).toEqual([
      '4:58 this goes in circles: "pages" needs "notes", "notes" needs "log", "log" needs "pages"',
    ])
    expect(
      await ofEndpoints(`  - { name: a, path: /a, primary_key: id, deletes: { mode: soft, from: [${FEED('b')}, ${FEED('b')}] } }
  - { name: b, path: /b, primary_key: id, reread: [{ from: ${FEED('c')}, params: { i: "{keys}" } }, { from: ${FEED('a')}, params: { i: "{keys}" } }] }
  - { name: c, path: /c, primary_key: id }`),
    ).toEqual(['3:85 this goes in circles: "a" needs "b", "b" needs "a"'])
  })

  it('give an endpoint one parent', async () => {
    const two = `  - { name: a, path: /a }
  - { name: b, path: /b }
  - { name: c, path: "/{x}", depends_on: { endpoint: a, param_mapping: { x: id } } }`
    expect(
      await ofEndpoints(
        two,
        'dependencies: [{ endpoint: c, depends_on: b, param_mapping: { x: id } }]',
      ),
    ).toEqual(['6:16 "c" already depends on "a"; an endpoint has one parent'])
    expect(
      await ofEndpoints(
        two,
        'dependencies: [{ endpoint: c, depends_on: a, param_mapping: { x: id } }]',
      ),
    ).toEqual(['6:16 it is already said that "c" depends on "a"; keep one of the two'])
  })

  it('know what changed only of parents that are loaded', async () => {
    const issues = await ofEndpoints(`  - { name: a, path: /a, selected: false }
  - { name: b, path: "/{x}", depends_on: { endpoint: a, param_mapping: { x: id }, only_changed: true }, primary_key: id }`)
    expect(issues).toEqual([
      '4:97 "a" is not loaded by this pipeline, so Sluice can not know which of its rows changed; select it, or drop only_changed',
    ])
    const source = `base_url: https://acme.test
endpoints:
  - { name: a, path: /a }
  - { name: b, path: "/{x}", depends_on: { endpoint: a, param_mapping: { x: id }, only_changed: true }, primary_key: id }
`
    const named = await sourceIssues(
      source,
      'destinations: { local: { type: sqlite } }\npipelines: { acme: { source: acme.yaml, endpoints: [b] } }',
    )
    expect(named).toHaveLength(1)
  })

  it('take only the changed parents for a table that keeps the children of the others', async () => {
    const child = (more: string) =>
      ofEndpoints(`  - { name: a, path: /a }
  - { name: b, path: "/{x}", ${more}depends_on: { endpoint: a, param_mapping: { x: id }, only_changed: true } }`)
    const message =
      '"b" is written with `replace`, which would drop the rows of parents that did not change; only_changed needs `merge` (a primary_key) or `append`'
    expect(await child('')).toEqual([`4:97 ${message}`])
    expect(await child('primary_key: id, write_disposition: replace, ')).toEqual([
      `4:142 ${message}`,
    ])
    expect(
      await ofEndpoints(
        '  - { name: a, path: /a }\n  - { name: b, path: "/{x}" }',
        'dependencies: [{ endpoint: b, depends_on: a, param_mapping: { x: id }, only_changed: true }]',
      ),
    ).toEqual([`5:86 ${message}`])
  })

  it('map at least one parameter', async () => {
    expect(
      await ofEndpoints(
        ENDPOINTS,
        'dependencies: [{ endpoint: posts, depends_on: users, param_mapping: {} }]',
      ),
    ).toContainEqual('5:69 expected at least one parameter')
  })
})

describe('a keyset', () => {
  const ofPagination = (keys: string) =>
    ofEndpoints(`  - { name: a, path: /a, pagination: { type: keyset, ${keys} } }`)
  it.each([
    ['limit: 3', ['3:38 a keyset needs `param` and `field`: the parameter to go on with']],
    ['param: after', ['3:38 a keyset needs `field`: the parameter to go on with']],
    ['field: id', ['3:38 a keyset needs `param`: the parameter to go on with']],
    [
      "param: after, params: { w: '{last.id}' }",
      ['3:61 `params` say where to go on, and so does this: leave one of them out'],
    ],
    ["params: { w: '{lst.id}' }", ['3:68 unknown template {lst.id}; expected {last.<field>}']],
    ['params: {}', ['3:62 nothing says where to go on: put {last.<field>} into `params`']],
    ['params: { w: 1 }', ['3:62 nothing says where to go on: put {last.<field>} into `params`']],
    [
      'param: after, field: at, ties: { offset_param: skip }',
      ['3:85 `ties` need a `limit`: a page of that many records of one value'],
    ],
  ])('%s', async (keys, expected) => {
    const issues = await ofPagination(keys)
    expect(issues.map((issue, i) => issue.slice(0, expected[i]?.length))).toEqual(expected)
  })
})

it('a keyset can go on among records of one value by its limit', async () => {
  const keys = 'param: after, field: at, limit: 10, ties: { offset_param: skip }'
  const text = `  - { name: a, path: /a, pagination: { type: keyset, ${keys} } }`
  await expect(ofEndpoints(text)).rejects.toThrow('the configuration was accepted')
})

describe('retention', () => {
  const of = (keys: string) =>
    ofEndpoints(
      `  - { name: a, path: /a, incremental: { cursor_path: at, retention: P30D, ${keys} } }`,
    )

  it.each(['number', 'string'])('is an age, which format %s does not tell', async (format) => {
    expect(await of(`format: ${format}`)).toEqual([
      `3:69 retention is an age, but incremental.format is ${format}, which tells no time; leave \`retention\` out`,
    ])
  })

  it.each(['format: epoch', 'client_side: true'])('goes with %s', async (keys) => {
    await expect(of(keys)).rejects.toThrow('the configuration was accepted')
  })
})

describe('windows', () => {
  const check = async (incremental: string) => {
    const text = `  - { name: a, path: /a, incremental: { cursor_path: at, ${incremental} } }`
    // A mistake elsewhere makes sure that there is a report.
    const issues = await ofEndpoints(text, 'retry: { max_attempts: 0 }')
    return issues.slice(0, -1).map((issue) => issue.replace(/^\d+:\d+ /, ''))
  }
  const BOUNDS = 'param_name: from, end_param_name: to'

  it.each([
    [
      'param_name: from, window: { size: P1D }',
      'a window needs an upper bound that the API takes: end_param_name, end_params or end_json',
    ],
    [
      'end_param_name: to, window: { size: P1D }',
      'a window needs a lower bound that the API takes: param_name, params or json',
    ],
    [
      `${BOUNDS}, client_side: true, window: { size: P1D }`,
      'windows need an API that can filter, but `client_side` says that it can not',
    ],
    [
      `${BOUNDS}, format: number, window: { size: P1D }`,
      'windows are ranges of time, but incremental.format is number; leave `window` out',
    ],
    [`${BOUNDS}, window: { size: PT1H, min: P1D }`, '`min` is longer than `size`'],
    [`${BOUNDS}, window: { size: 0 }`, 'expected a duration above 0'],
    [
      `${BOUNDS}, window: { size: P1M }`,
      'expected a duration such as 30s, 5m, 2h, P1D, received "P1M"',
    ],
  ])('refuses %s', async (incremental, message) => {
    expect(await check(incremental)).toEqual([message])
  })

  it.each([
    `${BOUNDS}, window: { size: P30D }`,
    `${BOUNDS}, window: { size: P30D, min: PT1S }, format: date`,
    'params: { q: "{cursor.start}" }, end_params: { r: "{cursor.end}" }, window: { size: P1D }',
  ])('takes %s', async (incremental) => {
    expect(await check(incremental)).toEqual([])
  })
})

describe('deletes', () => {
  const PARENT =
    '  - { name: users, path: /u, primary_key: id, columns: { email: { pii: hash }, profile: { pii: drop } } }\n'
  const check = async (keys: string) => {
    const text = `${PARENT}  - { name: a, path: /a, ${keys} }`
    const issues = await ofEndpoints(text, 'retry: { max_attempts: 0 }')
    return issues.slice(0, -1).map((issue) => issue.replace(/^\d+:\d+ /, ''))
  }
  const needMerge =
    'deletes need `merge` (a primary_key): a replaced table drops what is gone anyway, and rows that are appended stay'
  const CHILD = 'depends_on: { endpoint: users, param_mapping: { u: id }, only_changed: true'

  it.each([
    ['deletes: soft', needMerge],
    ['primary_key: id, deletes: hard, write_disposition: append', needMerge],
    [
      'primary_key: id, deletes: soft, incremental: { cursor_path: at, retention: P30D }',
      'an API that keeps records for a time only (incremental.retention) drops old ones that were not deleted, and a comparison can not tell: take deletes from an event feed (from), or keep the rows',
    ],
    [
      `primary_key: id, deletes: soft, ${CHILD} }`,
      'with only_changed, rows have to say which parent they belong to: map one parameter and put its field into include: [id]',
    ],
    [
      'primary_key: id, deletes: { mode: soft, from: { endpoint: user, where: { a: 1 }, key: b } }',
      'no endpoint is called "user"; did you mean "users"?',
    ],
    [
      'primary_key: id, deletes: { mode: soft, from: { endpoint: a, where: { a: 1 }, key: b } }',
      'an endpoint can not be its own event feed',
    ],
    [
      'primary_key: id, deletes: { mode: soft, from: [{ endpoint: users, where: { a: 1 }, key: b }, { endpoint: usrs, where: { a: 1 }, key: b }] }',
      'no endpoint is called "usrs"; did you mean "users"?',
    ],
    [
      `primary_key: id, deletes: { mode: soft, snapshot: {} }, ${CHILD}, include: [id] }`,
      'the lists of parents are compared whenever they are read whole: leave `snapshot` out',
    ],
    [
      'primary_key: id, deletes: { mode: soft, snapshot: { json: { a: 1 } } }',
      'a GET has no body; add method: POST',
    ],
    [
      'primary_key: id, deletes: { mode: soft, snapshot: { params: { a: "{cursor.start}" } } }',
      '{cursor.start} needs incremental on this endpoint',
    ],
    [
      'primary_key: id, deletes: { mode: soft, snapshot: { pagination: { type: keyset, params: { a: "{las.id}" } } } }',
      'unknown template {las.id}; expected {last.<field>}',
    ],
    [
      'primary_key: [x, y], deletes: { mode: soft, from: { endpoint: users, where: { a: 1 }, key: b } }',
      'an event names one key, but the primary_key has several fields',
    ],
    [
      'primary_key: id, deletes: { mode: soft, from: { endpoint: users, where: {}, key: b } }',
      'expected at least one field: without any, every event would be meant',
    ],
    [
      'primary_key: id, deletes: { mode: soft, from: { endpoint: users, where: { a: [] }, key: b } }',
      'the list is empty',
    ],
    [
      'primary_key: id, deletes: { mode: soft, from: { endpoint: users, where: { a: 1 }, key: email } }',
      '"email" of "users" is not stored as it is: its `pii` is hash',
    ],
    [
      'primary_key: id, deletes: { mode: soft, from: { endpoint: users, where: { profile.kind: 1 }, key: b } }',
      '"profile.kind" of "users" is not stored as it is: its `pii` is drop',
    ],
    [
      'primary_key: id, incremental: { cursor_path: at, retention: P30D }, deletes: { mode: soft, max_delete_ratio: 0.5, from: { endpoint: users, where: { a: 1 }, key: b } }',
      'this does not apply to events, and with incremental.retention nothing else tells what is gone: leave it out',
    ],
    ...['max_pages: 3', 'pagination: { type: page, max_pages: 3 }'].map((pages) => [
      `primary_key: id, ${pages}, incremental: { cursor_path: at }, deletes: { mode: soft, snapshot: {} }`,
      'a snapshot is taken once the list has been read to its end, which `max_pages` keeps it from: leave one of them out, or have the list go on in the next run (incremental.order: asc, or a window)',
    ]),
    [
      'primary_key: id, deletes: { mode: soft, snapshot: { pagination: { type: page, max_pages: 3 } } }',
      'a part of the list tells nothing of what is gone: leave `max_pages` out',
    ],
  ])('refuses %s', async (keys, message) => {
    expect(await check(keys)).toEqual([message])
  })

  it.each([
    'primary_key: id, deletes: { mode: hard, max_delete_ratio: 0.5 }',
    `primary_key: id, deletes: soft, ${CHILD}, include: [id] }`,
    'primary_key: id, deletes: { mode: soft, from: { endpoint: users, where: { a: [1, x] }, key: b } }',
    'primary_key: id, columns: { id: { pii: hash } }, deletes: { mode: soft, max_delete_ratio: 0.5, from: { endpoint: users, where: { a: 1 }, key: b } }',
    'primary_key: id, incremental: { cursor_path: at, order: asc }, max_pages: 3, deletes: { mode: soft, snapshot: {} }',
  ])('takes %s', async (keys) => {
    expect(await check(keys)).toEqual([])
  })
})

describe('records read again', () => {
  const FEED = 'from: { endpoint: log, where: { a: 1 }, key: b }'
  const check = async (keys: string) => {
    const log = '  - { name: log, path: /l, primary_key: id, columns: { who: { pii: drop } } }\n'
    const text = `${log}  - { name: a, path: /a, ${keys} }`
    const issues = await ofEndpoints(text, 'retry: { max_attempts: 0 }')
    return issues.slice(0, -1).map((issue) => issue.replace(/^\d+:\d+ /, ''))
  }
  const needKey =
    'records are read again by their key: that needs `merge` and a primary_key of one field'

  it.each([
    [`reread: { ${FEED}, params: { i: "{keys}" } }`, needKey],
    [`primary_key: [a, b], reread: { ${FEED}, params: { i: "{key}" } }`, needKey],
    [
      `primary_key: id, write_disposition: append, reread: { ${FEED}, params: { i: "{key}" } }`,
      needKey,
    ],
    [
      `primary_key: id, reread: [{ ${FEED}, params: { i: "{keys}" } }, { ${FEED}, params: { i: 1 } }]`,
      'nothing asks for a key: put {keys}, or {key} for one at a time, into `params` or `json`',
    ],
    [
      'primary_key: id, reread: { from: snapshot, params: { i: "{keys}" } }',
      'there is no snapshot: it is one of the keys of `deletes`',
    ],
    [
      `primary_key: id, reread: { ${FEED}, json: { i: "{keys}" } }`,
      'a GET has no body; add method: POST',
    ],
    [
      `primary_key: id, reread: { ${FEED}, params: { i: "{ids}", j: "{keys}" } }`,
      'unknown template {ids}; expected {now}, {today}, {keys}, {key}',
    ],
    [
      'primary_key: id, reread: { from: { endpoint: los, where: { a: 1 }, key: b }, params: { i: "{key}" } }',
      'no endpoint is called "los"; did you mean "log"?',
    ],
    [
      `primary_key: id, reread: { ${FEED}, params: { i: "{key}" } }, depends_on: { endpoint: log, param_mapping: { u: id } }`,
      'a list of a parent can not be asked for records by their key alone: leave `reread` out',
    ],
    [
      `primary_key: id, reread: { ${FEED}, params: { i: "{key}" }, batch: 50 }`,
      'a request with {key} asks for one key: put {keys} there, or leave `batch` out',
    ],
    [
      'primary_key: id, deletes: { mode: soft, snapshot: {} }, reread: [{ from: snapshot, params: { i: "{keys}" } }, { from: snapshot, params: { j: "{key}" } }]',
      'reread[0] reads what the snapshot names already: leave one of the two out',
    ],
    [
      'primary_key: id, reread: { from: { endpoint: log, where: { a: 1 }, key: who.id }, params: { i: "{keys}" } }',
      '"who.id" of "log" is not stored as it is: its `pii` is drop',
    ],
  ])('refuses %s', async (keys, message) => {
    expect(await check(keys)).toEqual([message])
  })

  it.each([
    `primary_key: id, reread: { ${FEED}, params: { i: "{keys}" } }`,
    'primary_key: id, deletes: { mode: soft, snapshot: { every: P1D } }, reread: { from: snapshot, params: { i: "{key}" } }',
    `primary_key: id, method: POST, reread: [{ ${FEED}, json: { q: [{ id: "{keys}" }] }, batch: 3 }]`,
  ])('takes %s', async (keys) => {
    expect(await check(keys)).toEqual([])
  })
})

describe('templates', () => {
  const CHILD = 'depends_on: { endpoint: p, param_mapping: { user_id: id } }'
  const PARENT = '  - { name: p, path: /p }\n'
  const check = async (keys: string) => {
    const text = `  - { name: a, path: /a, ${keys} }`
    return ofEndpoints(PARENT + text, 'retry: { max_attempts: 0 }').then((issues) =>
      issues.slice(0, -1).map((issue) => issue.replace(/^\d+:\d+ /, '')),
    )
  }

  it.each([
    ['params: { x: "{cursor.start}" }', ['{cursor.start} needs incremental on this endpoint']],
    ['params: { x: "{parent.id}" }', ['{parent.id} needs depends_on on this endpoint']],
    [
      'params: { x: "{vars.region}" }',
      ['{vars.region} needs vars.region in the pipeline: vars: { region: ... }'],
    ],
    [
      'params: { x: "{nwo}" }',
      ['unknown template {nwo}; expected {now}, {today}; did you mean {now}?'],
    ],
    [
      `headers: { x: "{userid}" }, ${CHILD}`,
      [
        'unknown template {userid}; expected {user_id}, {now}, {today}, {parent.<field>}; did you mean {user_id}?',
      ],
    ],
    [
      `params: { x: '{"a": 1}' }`,
      ['braces stand for a template here; write {{ and }} for the characters themselves'],
    ],
    [
      'method: POST, json: { a: [{ b: "{x}" }] }',
      ['unknown template {x}; expected {now}, {today}'],
    ],
    ['transform: [{ set: { a: "{x}" } }]', ['unknown template {x}; expected {now}, {today}']],
    [
      'incremental: { cursor_path: at, params: { q: "{cursor.start} {cursor.end}" } }',
      ['{cursor.end} has no value while there is only a lower bound; put it in end_params'],
    ],
  ])('%s', async (keys, expected) => {
    expect(await check(keys)).toEqual(expected)
  })

  it.each([
    'params: { x: "{now} {today} {{x}}" }',
    'incremental: { cursor_path: at, params: { q: "{cursor.start}" }, end_params: { q: "{cursor.end}" } }',
    'incremental: { cursor_path: at }, params: { q: ["{cursor.start}"] }',
    `params: { x: "{user_id}-{parent.some.field}" }, ${CHILD}`,
    'pagination: { type: next_url, next_url_path: "$[\'{x}\']" }',
  ])('%s is fine', async (keys) => {
    expect(await check(keys)).toEqual([])
  })
})
