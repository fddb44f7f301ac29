import { describe, expect, it } from 'vitest'
import { Collection } from '../../../../src/sandbox/data/collection.ts'
import { draftOf } from '../../../../src/sandbox/data/draft.ts'

function collectionOf(...records: { id: string; [field: string]: string | number | null }[]) {
  const collection = new Collection()
  for (const record of records) collection.add(draftOf(record))
  return collection
}

const ids = (collection: Collection, ...orders: string[]) =>
  collection.list(...orders).map(({ id }) => id)

describe('Collection', () => {
  it('orders by any field, ties by id and nulls last in both directions', () => {
    const collection = collectionOf(
      { id: 'c', value: 2 },
      { id: 'a', value: 10 },
      { id: 'd', value: null },
      { id: 'b', value: 2 },
    )
    expect(ids(collection, 'value')).toEqual(['b', 'c', 'a', 'd'])
    expect(ids(collection, '-value')).toEqual(['a', 'b', 'c', 'd'])
  })

  it('orders by one field, then another', () => {
    const collection = collectionOf(
      { id: 'a', x: 1, y: 1 },
      { id: 'b', x: 1, y: 2 },
      { id: 'c', x: 0, y: 0 },
    )
    expect(ids(collection, 'x', '-y')).toEqual(['c', 'b', 'a'])
  })

  it('shows a change in every order, and drops the text that was served', () => {
    const collection = collectionOf({ id: 'a', value: 1 }, { id: 'b', value: 2 })
    expect(ids(collection, 'value')).toEqual(['a', 'b'])
    collection.get('a')!.text = 'stale'
    const before = collection.get('a')!.record
    collection.update('a', { value: 3 })
    expect(ids(collection, 'value')).toEqual(['b', 'a'])
    expect(collection.get('a')!.text).toBeUndefined()
    expect(before).toEqual({ id: 'a', value: 1 })
    collection.remove('b')
    expect(ids(collection, 'value')).toEqual(['a'])
    expect(() => collection.update('b', {})).toThrow(RangeError)
  })
})
