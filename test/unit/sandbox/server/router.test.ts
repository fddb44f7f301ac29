import { describe, expect, it } from 'vitest'
import { createRouter, type Route } from '../../../../src/sandbox/server/router.ts'

const route = (method: Route['method'], path: string): Route => ({
  method,
  path,
  handle: () => ({ status: 200, body: path }),
})

const find = createRouter([
  route('GET', '/activity/{id}/'),
  route('GET', '/activity/note/'),
  route('GET', '/activity/note/{id}/'),
  route('POST', '/data/search/'),
])

describe('createRouter', () => {
  it('takes a fixed path for itself before it takes it for an id', () => {
    expect(find('GET', '/activity/note/')).toMatchObject({ route: { path: '/activity/note/' } })
    expect(find('GET', '/activity/acti_1/')).toMatchObject({ params: { id: 'acti_1' } })
    expect(find('GET', '/activity/note/acti_1/')).toMatchObject({ params: { id: 'acti_1' } })
  })

  it('tells a wrong method, a missing slash and a wrong path apart', () => {
    expect(find('GET', '/data/search/')).toEqual({ found: 'path', methods: ['POST'] })
    expect(find('GET', '/activity/note')).toEqual({ found: 'without_slash' })
    expect(find('GET', '/activity/a/b/c/')).toEqual({ found: 'nothing' })
    expect(find('GET', '/activity/')).toEqual({ found: 'nothing' })
  })
})
