import { expect, it } from 'vitest'
import { openShop, order, shopProject, SOURCE } from './shop.ts'

it('a disk that can take no more ends the run, keeps what was committed, and the next run goes on', async () => {
  await using shop = await openShop()
  for (let id = 4; id <= 400; id++) {
    const updated = new Date(Date.UTC(2024, 1, 1) + id * 60_000).toISOString()
    shop.orders.push(
      order(
        id,
        updated,
        Array.from({ length: 50 }, (_, n) => `sku ${id} ${n}`),
      ),
    )
  }
  const source = SOURCE.replace('param_name: updated_gte', 'param_name: updated_gte, order: asc')
  await using project = await shopProject(shop, { 'config/shop.yaml': source })
  // In blocks of 512 bytes.
  const { code, stderr } = await project.sluiceAfter('ulimit -f 1500', 'sync')
  // The small list beside it was kept whole.
  expect(code).toBe(3)
  expect(stderr).toContain('error [DESTINATION_UNAVAILABLE] shop.orders')
  expect(stderr).toMatch(/hint: .*disk/)
  const [{ kept, lines } = {}] = project.query(
    'select (select count(*) from orders) as kept, (select count(*) from orders__lines) as lines',
  )
  expect(kept).toBeGreaterThan(3)
  expect(kept).toBeLessThan(400)
  expect(lines).toBe(3 + 50 * ((kept as number) - 3))

  const before = shop.server.requests.length
  expect((await project.sync()).run.status).toBe('ok')
  const [first] = shop.server.requests.slice(before)
  expect(first!.query.get('updated_gte')).not.toBeNull()
  expect(project.query('select count(*) as n from orders')).toEqual([{ n: 400 }])
  expect(project.query('select count(*) as n from orders__lines')).toEqual([{ n: 3 + 397 * 50 }])
})
