import { describe, expect, it } from 'vitest'
import { openShop, order, shopProject, SOURCE, stallAfter } from './shop.ts'

describe('an interrupted run', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'keeps on %s what is committed, exits 130, and the next run completes it',
    async (signal) => {
      await using shop = await openShop()
      await using project = await shopProject(shop)
      const asked = stallAfter(shop, 1)
      const { child, finished } = project.start('sync', '--json')
      await asked
      const stoppedAt = Date.now()
      child.kill(signal)
      const { code, stdout, stderr } = await finished
      expect(Date.now() - stoppedAt).toBeLessThan(5000)
      expect(code).toBe(130)
      expect(stderr).toContain(`${signal}: stopping`)
      expect(stderr).toContain('error [INTERRUPTED] shop')
      expect(JSON.parse(stdout)).toMatchObject({
        status: 'interrupted',
        error: { code: 'INTERRUPTED' },
      })
      expect(project.query('select id from orders order by id')).toEqual([{ id: 1 }, { id: 2 }])
      expect(project.query('select status from _sluice_runs')).toEqual([{ status: 'interrupted' }])

      shop.override = undefined
      const { run } = await project.sync()
      expect(run.status).toBe('ok')
      expect(project.query('select id from orders order by id')).toHaveLength(3)
      expect(project.query('select sku from orders__lines order by sku')).toHaveLength(3)
    },
  )

  it('stops at once on the second signal, and its lock does not stand in the way', async () => {
    await using shop = await openShop()
    await using project = await shopProject(shop)
    const asked = stallAfter(shop, 0)
    const { child, finished } = project.start('sync')
    await asked
    child.kill('SIGINT')
    child.kill('SIGTERM')
    const { code } = await finished
    expect(code).toBe(130)
    shop.override = undefined
    expect((await project.sync()).run.status).toBe('ok')
  })

  it('is made whole by the next run when it was killed', async () => {
    await using shop = await openShop()
    await using project = await shopProject(shop)
    const asked = stallAfter(shop, 1)
    const { child, finished } = project.start('sync')
    await asked
    child.kill('SIGKILL')
    await finished
    shop.override = undefined
    shop.orders.push(order(4, '2024-01-04T00:00:00Z', ['d']))
    expect((await project.sync()).run.status).toBe('ok')
    expect(project.query('select id from orders order by id')).toHaveLength(4)
    expect(project.query('select sku from orders__lines')).toHaveLength(4)
    expect(project.query('select status from _sluice_runs order by started_at')).toEqual([
      { status: 'interrupted' },
      { status: 'ok' },
    ])
  })

  it('goes on with the windows that are left when a backfill was killed', async () => {
    await using shop = await openShop()
    const bounded = 'param_name: updated_gte, end_param_name: updated_lt'
    // One after another, so that some are done when the next is asked for.
    const source = `${SOURCE.replace('param_name: updated_gte', bounded)}rate_limit: { concurrency: 1 }\n`
    await using project = await shopProject(shop, { 'config/shop.yaml': source })
    const range = ['shop', '-e', 'orders', '--from', '2023-11-15', '--to', '2024-02-01']
    const asked = stallAfter(shop, 2)
    const { child, finished } = project.start('backfill', ...range)
    await asked
    child.kill('SIGKILL')
    await finished
    shop.override = undefined
    const before = shop.server.requests.length
    expect((await project.sluice('backfill', ...range)).code).toBe(0)
    expect(project.query('select id from orders')).toHaveLength(3)
    const first = shop.server.requests[before]!.query.get('updated_gte')!
    expect(Date.parse(first)).toBeGreaterThan(Date.parse('2023-11-15'))
  })

  it('does not go on with the next pipeline', async () => {
    await using shop = await openShop()
    const pipelines = `
destinations: { local: { type: sqlite, path: "data/{dataset}.db" } }
pipelines:
  first: { source: config/shop.yaml }
  second: { source: config/shop.yaml }
`
    await using project = await shopProject(shop, { 'pipelines.yaml': pipelines })
    const asked = stallAfter(shop, 0)
    const { child, finished } = project.start('sync', '--json')
    await asked
    child.kill('SIGINT')
    const { code, stdout } = await finished
    expect(code).toBe(130)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(project.hasDataset('second')).toBe(false)
  })
})
