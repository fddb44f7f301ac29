import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../src/core/json.ts'
import { createSelector, detectSelector } from '../../../src/extract/select.ts'

const options = (path = '/things/', missing: 'error' | 'empty' = 'error') => {
  const detected: string[] = []
  return {
    detected,
    options: {
      endpoint: 'things',
      path,
      missing,
      onDetected: (s: string) => void detected.push(s),
    },
  }
}

describe('a configured selector', () => {
  it.each<[string, JsonValue, JsonValue]>([
    ['data', { data: [{ id: 1 }] }, [{ id: 1 }]],
    ['data.items', { data: { items: [{ id: 1 }] } }, [{ id: 1 }]],
    ['$', [{ id: 1 }], [{ id: 1 }]],
    ['$', { id: 1, tags: ['a'] }, [{ id: 1, tags: ['a'] }]],
    ['data', { data: { id: 1 } }, [{ id: 1 }]],
    ['data', { data: [] }, []],
    ['users', { users: null, next_token: null }, []],
    [
      'groups[*].items',
      { groups: [{ items: [{ id: 1 }] }, { items: [{ id: 2 }] }] },
      [{ id: 1 }, { id: 2 }],
    ],
    ['groups[*].items', { groups: [{ items: [{ id: 1 }] }] }, [{ id: 1 }]],
    ['$[*].user', [{ user: { id: 1 } }, { user: { id: 2 } }], [{ id: 1 }, { id: 2 }]],
    ["$['many-results']", { 'many-results': [{ id: 1 }] }, [{ id: 1 }]],
    ['a.b', { 'a.b': [{ id: 1 }], a: { b: [{ id: 2 }] } }, [{ id: 1 }]],
    ['ids', { ids: [1, 'x'] }, [{ value: 1 }, { value: 'x' }]],
    ['ids[*]', { ids: [1, 'x'] }, [{ value: 1 }, { value: 'x' }]],
    ['ids.*', { ids: [1, 'x'] }, [{ value: 1 }, { value: 'x' }]],
    ['data', { data: {} }, []],
    ['$', {}, []],
    ['$', null, []],
    ['groups[*].items', { groups: [{ items: {} }, { items: [{ id: 2 }] }] }, [{ id: 2 }]],
    ['data', { data: [{}] }, [{}]],
    ['data[*]', { data: [{}] }, [{}]],
    ['data', { data: { tags: ['a'], note: {} } }, [{ tags: ['a'], note: {} }]],
  ])('%s in %j', (selector, body, records) => {
    expect(createSelector(selector, options().options)(body)).toEqual(records)
  })

  it('that finds nothing is an error that says what is there', () => {
    const select = createSelector('data', options().options)
    expect(() => select({ result: [], has_more: false })).toThrow(
      /things: data_selector "data" finds nothing in the response, which is an object with result, has_more/,
    )
  })

  it.each<[string, JsonValue, string]>([
    ['data', { data: 'Invalid key' }, '"Invalid key"'],
    ['data', { data: '' }, '""'],
    ['data', { data: 0 }, '0'],
    ['data', { data: 12345678901234567890n }, '12345678901234567890'],
    ['data', { data: true }, 'true'],
    ['data', { data: false }, 'false'],
    ['$', 'OK', '"OK"'],
    ['groups[*].items', { groups: [{ items: [{ id: 1 }] }, { items: 'none' }] }, '"none"'],
  ])('%s that finds a scalar is an error that quotes it: %o', (selector, body, quoted) => {
    const select = createSelector(selector, options('/things/', 'empty').options)
    expect(() => select(body)).toThrow(
      `things: data_selector "${selector}" finds ${quoted}, which is neither a list nor an object`,
    )
  })

  it('quotes a body that is a number beyond 2^53', () => {
    const select = createSelector('data', options().options)
    expect(() => select(12345678901234567890n)).toThrow(/which is 12345678901234567890$/)
  })

  it('that finds nothing is empty where the API leaves the key out', () => {
    expect(createSelector('data', options('/', 'empty').options)({})).toEqual([])
  })
})

describe('a detected selector', () => {
  it.each<[string, JsonValue, string]>([
    ['/x', [{ id: 1 }], '$'],
    ['/x', { data: [{ id: 1 }], has_more: false }, 'data'],
    ['/x', { meta: { tags: [] }, users: [{ id: 1 }] }, 'users'],
    ['/x', { errors: [], users: [{ id: 1 }] }, 'users'],
    ['/x', { id: 7, tags: ['a', 'b'], contacts: [{ id: 1 }] }, '$'],
    ['/x', { total: 0, name: 'x' }, '$'],
    ['/x', { response: { results: [{ id: 1 }] }, page: 1 }, 'response.results'],
    ['/users/', { groups: [{ id: 1 }], users: [{ id: 2 }] }, 'users'],
    ['/x', { 'odd.key': [{ id: 1 }] }, "$['odd.key']"],
  ])('%s %j is at %s', (path, body, selector) => {
    const { options: given, detected } = options(path)
    detectSelector(given)(body)
    expect(detected).toEqual([selector])
  })

  it('does not guess between two lists', () => {
    const select = detectSelector(options('/x').options)
    expect(() => select({ groups: [{ id: 1 }], people: [{ id: 2 }] })).toThrow(
      /several lists: groups, people/,
    )
  })

  it('waits for records: an empty answer settles nothing', () => {
    const { options: given, detected } = options()
    const select = detectSelector(given)
    const empty: JsonValue[] = [
      null,
      {},
      { total: 0, has_more: false },
      { data: [] },
      { success: true, data: {} },
      { things: null, next_token: null },
    ]
    expect(empty.flatMap(select)).toEqual([])
    expect(detected).toEqual([])
    expect(select({ data: [{ id: 1 }] })).toHaveLength(1)
    expect(detected).toEqual(['data'])
  })

  it('takes an object with something in it for the record, whatever its fields are called', () => {
    const record = { data: {}, content: 'x' }
    expect(detectSelector(options().options)(record)).toEqual([record])
  })

  it('does not take a scalar for a record', () => {
    expect(() => detectSelector(options().options)('OK')).toThrow(/finds "OK"/)
  })

  it('stays what the first page made it', () => {
    const select = detectSelector(options().options)
    expect(select({ data: [{ id: 1 }] })).toHaveLength(1)
    expect(() => select({ rows: [{ id: 2 }] })).toThrow(/"data" finds nothing/)
  })
})

describe('an error in place of a list', () => {
  it.each<JsonValue>([
    { error: 'denied', code: 3 },
    { success: false, reason: 'no' },
  ])('is no record: %j', (body) => {
    const { options: detection, detected } = options()
    expect(detectSelector(detection)(body)).toEqual([])
    expect(detected).toEqual([])
  })

  it('leaves a record with a field of that name alone', () => {
    const job = { id: 1, error: 'failed' }
    expect(detectSelector(options().options)(job)).toEqual([job])
  })
})
