import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TransformStep } from '../../../src/extract/config.ts'
import { createTransform } from '../../../src/extract/transform.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-transform-'))
})
afterAll(() => rm(folder, { recursive: true }))

const record = { id: 1, name: 'Ada', status: 'won', nested: { deep: true } }

async function run(...steps: TransformStep[]) {
  const transform = await createTransform(steps, { endpoint: 'leads', folder })
  return transform(structuredClone(record), new Map([['vars.region', 'eu']]))
}

describe('steps', () => {
  it('select, exclude and rename fields', async () => {
    expect(await run({ select: ['id', 'absent'] })).toEqual([{ id: 1 }])
    expect(await run({ exclude: ['nested', 'status'] })).toEqual([{ id: 1, name: 'Ada' }])
    expect(await run({ select: ['name'] }, { rename: { name: 'title' } })).toEqual([
      { title: 'Ada' },
    ])
  })

  it('set fields, with templates', async () => {
    expect(await run({ select: ['id'] }, { set: { region: '{vars.region}', n: 5 } })).toEqual([
      { id: 1, region: 'eu', n: 5 },
    ])
  })

  it.each<[object, number]>([
    [{ status: 'won' }, 1],
    [{ status: 'lost' }, 0],
    [{ status: ['lost', 'won'] }, 1],
    [{ status: { not: 'won' } }, 0],
    [{ status: { not: ['lost', null] } }, 1],
    [{ 'nested.deep': true }, 1],
    [{ absent: null }, 1],
    [{ status: 'won', id: 2 }, 0],
  ])('filter %j keeps %i', async (filter, kept) => {
    expect(await run({ filter } as TransformStep)).toHaveLength(kept)
  })

  it('run in order', async () => {
    expect(await run({ set: { status: 'lost' } }, { filter: { status: 'won' } })).toEqual([])
    expect(await run({ filter: { status: 'won' } }, { set: { status: 'lost' } })).toHaveLength(1)
  })
})

describe('a module', () => {
  const write = (name: string, text: string) => writeFile(join(folder, name), text)

  it('maps a record to one, to several, or to none', async () => {
    await write('split.mjs', 'export default (r) => (r.id === 1 ? [{ a: 1 }, { a: 2 }] : null)')
    expect(await run({ module: 'split.mjs' })).toEqual([{ a: 1 }, { a: 2 }])
    expect(await run({ set: { id: 2 } }, { module: './split.mjs' })).toEqual([])
  })

  it('can not change the record it was given', async () => {
    await write(
      'change.mjs',
      'export default (r) => { r.nested.deep = false; return { ok: r.id } }',
    )
    const transform = await createTransform([{ module: 'change.mjs' }], {
      endpoint: 'leads',
      folder,
    })
    const original = structuredClone(record)
    transform(original, new Map())
    expect(original).toEqual(record)
  })

  it('that is not there, exports nothing or throws is named with its endpoint', async () => {
    await write('none.mjs', 'export const x = 1')
    await write('throws.mjs', 'export default () => { throw new Error("boom") }')
    await write('async.mjs', 'export default async (r) => r')
    await write('scalar.mjs', 'export default (r) => [r, 5]')
    await expect(run({ module: 'async.mjs' })).rejects.toThrow(/must not be async/)
    await expect(run({ module: 'scalar.mjs' })).rejects.toThrow(/it returned a number/)
    await expect(run({ module: 'missing.mjs' })).rejects.toThrow(/leads: .*missing\.mjs/)
    await expect(run({ module: 'none.mjs' })).rejects.toThrow(/no function as its default export/)
    await expect(run({ module: 'throws.mjs' })).rejects.toThrow(/leads: throws\.mjs: boom/)
  })
})
