import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../src/core/json.ts'
import { destinationTypes } from '../../support/databases.ts'
import { reply, serve, type RecordedRequest } from '../../support/http-server.ts'
import { createPipeline } from '../../support/pipeline.ts'

interface World {
  users: JsonRecord[]
  posts: Record<string, JsonRecord[]>
}

/** `/users/` and `/users/<id>/posts/`, both with an optional `since` on `at`. */
function api(world: World) {
  return serve((request: RecordedRequest) => {
    const since = request.query.get('since')
    const fresh = (records: JsonRecord[]) =>
      records.filter(({ at }) => since === null || (at as string) >= since)
    const owner = /^\/users\/([^/]+)\/posts\/$/.exec(request.path)?.[1]
    if (owner === undefined) return { data: fresh(world.users) }
    const posts = world.posts[decodeURIComponent(owner)]
    return posts ? { data: fresh(posts) } : reply(404, { error: 'no such user' })
  })
}

const users = (more: object = {}) => ({
  name: 'users',
  path: '/users/',
  data_selector: 'data',
  primary_key: 'id',
  pagination: { type: 'single' },
  ...more,
})

const posts = (more: object = {}) => ({
  name: 'posts',
  path: '/users/{user_id}/posts/',
  data_selector: 'data',
  primary_key: 'id',
  pagination: { type: 'single' },
  depends_on: { endpoint: 'users', param_mapping: { user_id: 'id' }, include: ['id', 'email'] },
  ...more,
})

const source = (url: string, ...endpoints: object[]) => ({
  base_url: url,
  auth: { type: 'none' },
  endpoints,
})

const world = (): World => ({
  users: [
    { id: 'u/1', email: 'a@x.example', at: '2025-05-01T00:00:00Z' },
    { id: 'u2', email: null, at: '2025-05-02T00:00:00Z' },
  ],
  posts: {
    'u/1': [{ id: 1, at: '2025-05-01T00:00:00Z', tags: ['t'] }],
    u2: [
      { id: 2, at: '2025-05-02T00:00:00Z' },
      { id: 3, at: '2025-05-03T00:00:00Z' },
    ],
  },
})

describe.each(destinationTypes)('children in %s', (type) => {
  it('are read for every parent, with the fields they include', async () => {
    await using server = await api(world())
    await using pipeline = createPipeline(type, source(server.url, posts(), users()))
    const summary = await pipeline.sync()
    expect(summary.endpoints.map(({ endpoint, records }) => [endpoint, records])).toEqual([
      ['users', 2],
      ['posts', 3],
    ])
    expect(server.requests.map(({ path }) => path).sort()).toEqual([
      '/users/',
      '/users/u%2F1/posts/',
      '/users/u2/posts/',
    ])
    expect(
      await pipeline.rows('select id, _users_id, _users_email from posts order by id'),
    ).toEqual([
      [1, 'u/1', 'a@x.example'],
      [2, 'u2', null],
      [3, 'u2', null],
    ])
  })

  it('of a parent that is not selected are read without loading the parent', async () => {
    await using server = await api(world())
    await using pipeline = createPipeline(
      type,
      source(server.url, users({ selected: false }), posts()),
    )
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await pipeline.rows('select count(*) from posts')).toEqual([[3]])
    const status = await pipeline.read((dataset) => dataset.rowCounts())
    expect(Object.fromEntries(status)).not.toMatchObject({ users: 2 })
    // What leaves nothing behind is no change of the schema, however often it is read.
    expect(await pipeline.sync()).toMatchObject({ status: 'ok', schema_changes: [] })
  })

  it('are read again for parents that did not change, unless only_changed', async () => {
    const state = world()
    await using server = await api(state)
    const incremental = { incremental: { cursor_path: 'at', param_name: 'since' } }
    const changed = posts({
      depends_on: { endpoint: 'users', param_mapping: { user_id: 'id' }, only_changed: true },
    })
    await using pipeline = createPipeline(type, source(server.url, users(incremental), changed))
    await pipeline.sync()
    const asked = () => server.requests.filter(({ path }) => path.endsWith('/posts/')).length
    expect(asked()).toBe(2)

    state.users.push({ id: 'u3', email: null, at: '2025-05-09T00:00:00Z' })
    state.posts.u3 = [{ id: 9, at: '2025-05-09T00:00:00Z' }]
    await pipeline.sync()
    // The parent at the bookmark is read again, and so are its children.
    expect(asked()).toBe(4)
    expect(await pipeline.rows('select count(*) from posts')).toEqual([[4]])
  })

  it('with only_changed are not lost when they fail after their parent was committed', async () => {
    const state = world()
    delete state.posts.u2
    await using server = await api(state)
    const changed = posts({
      depends_on: { endpoint: 'users', param_mapping: { user_id: 'id' }, only_changed: true },
    })
    const incremental = { incremental: { cursor_path: 'at', param_name: 'since' } }
    await using pipeline = createPipeline(type, source(server.url, users(incremental), changed))
    expect((await pipeline.sync()).status).toBe('partial')
    state.posts.u2 = [{ id: 2, at: '2025-05-02T00:00:00Z' }]
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await pipeline.rows('select id from posts order by id')).toEqual([[1], [2]])
  })

  it('have a bookmark for each parent', async () => {
    const state = world()
    await using server = await api(state)
    const incremental = posts({ incremental: { cursor_path: 'at', param_name: 'since' } })
    await using pipeline = createPipeline(type, source(server.url, users(), incremental))
    await pipeline.sync()
    await pipeline.sync()
    const second = server.requests.slice(3).map(({ path, query }) => [path, query.get('since')])
    expect(second.sort(([a], [b]) => String(a).localeCompare(String(b)))).toEqual([
      ['/users/', null],
      ['/users/u%2F1/posts/', '2025-05-01T00:00:00Z'],
      ['/users/u2/posts/', '2025-05-03T00:00:00Z'],
    ])
  })

  it('of a parent that is gone are skipped where on_status says so, and fail otherwise', async () => {
    const state = world()
    delete state.posts['u/1']
    await using server = await api(state)
    await using pipeline = createPipeline(type, source(server.url, users(), posts()))
    const failed = await pipeline.sync()
    expect(failed.endpoints[1]).toMatchObject({ status: 'failed', error: { code: 'HTTP_STATUS' } })

    pipeline.configure(source(server.url, users(), posts({ on_status: { 404: 'skip' } })))
    const skipped = await pipeline.sync()
    expect(skipped.endpoints[1]).toMatchObject({ status: 'ok', records: 2 })
    expect(skipped.warnings).toMatchObject([{ endpoint: 'posts', code: 'STATUS_SKIPPED' }])
  })

  it('that replace keep the old rows when one parent fails', async () => {
    const state = world()
    await using server = await api(state)
    const replaced = posts({ primary_key: undefined })
    await using pipeline = createPipeline(type, source(server.url, users(), replaced))
    await pipeline.sync()
    state.posts.u2 = undefined as never
    expect((await pipeline.sync()).status).toBe('partial')
    expect(await pipeline.rows('select count(*) from posts')).toEqual([[3]])
    state.posts = { 'u/1': [], u2: [{ id: 5 }] }
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await pipeline.rows('select id from posts')).toEqual([[5]])
  })

  it('are not asked for where the mapped field is null, and that is said', async () => {
    const state = world()
    await using server = await api(state)
    const byEmail = posts({
      depends_on: { endpoint: 'users', param_mapping: { user_id: 'email' } },
    })
    state.posts = { 'a@x.example': [{ id: 1 }] }
    await using pipeline = createPipeline(type, source(server.url, users(), byEmail))
    const summary = await pipeline.sync()
    expect(summary.endpoints[1]).toMatchObject({ status: 'ok', records: 1 })
    expect(summary.warnings).toMatchObject([{ code: 'PARENT_FIELD_NULL' }])
  })

  it('of a field that no parent has fail with the fields there are', async () => {
    await using server = await api(world())
    const wrong = posts({ depends_on: { endpoint: 'users', param_mapping: { user_id: 'uid' } } })
    await using pipeline = createPipeline(type, source(server.url, users(), wrong))
    const summary = await pipeline.sync()
    expect(summary.endpoints[1]!.error).toMatchObject({
      code: 'PARENT_FIELD_MISSING',
      hint: 'fields of users: id, email, at',
    })
  })

  it('of a parent that was loaded once are all read when it no longer is', async () => {
    await using server = await api(world())
    const parent = users({ incremental: { cursor_path: 'at', param_name: 'since' } })
    const replaced = posts({ primary_key: undefined })
    const sourceFile = source(server.url, parent, replaced)
    await using pipeline = createPipeline(type, sourceFile)
    await pipeline.sync()
    pipeline.configure(sourceFile, { endpoints: ['posts'] })
    const summary = await pipeline.sync()
    expect(summary.status).toBe('ok')
    expect(await pipeline.rows('select count(*) from posts')).toEqual([[3]])
  })

  it('get null for a field that no parent has a value of', async () => {
    const state = world()
    for (const user of state.users) user.email = null
    await using server = await api(state)
    await using pipeline = createPipeline(type, source(server.url, users(), posts()))
    expect((await pipeline.sync()).status).toBe('ok')
    expect(await pipeline.rows('select count(*) from posts')).toEqual([[3]])
  })

  it('are counted in a dry run, whether or not their parents are there', async () => {
    await using server = await api(world())
    await using pipeline = createPipeline(type, source(server.url, users(), posts()))
    const dry = await pipeline.sync({ dryRun: true })
    expect(dry.endpoints.map(({ endpoint, records }) => [endpoint, records])).toEqual([
      ['users', 2],
      ['posts', 3],
    ])
  })

  it('of no parents are no error', async () => {
    await using server = await api({ users: [], posts: {} })
    await using pipeline = createPipeline(type, source(server.url, users(), posts()))
    expect((await pipeline.sync()).status).toBe('ok')
  })
})
