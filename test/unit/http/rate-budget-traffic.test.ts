import { describe, expect, it } from 'vitest'
import { bucketApi, periodApi } from './rate-limit/simulated-api.ts'
import { read, type Traffic } from './rate-limit/traffic.ts'

const PAGES = 200

/** What a limit of so many requests per second costs at least, in seconds. */
const shortest = (perSecond: number): number => PAGES / perSecond

describe('a budget keeps to the limit of an API, and uses it up', () => {
  const TWENTY = { requests_per_second: 20 }

  it.each<[string, number, Omit<Traffic, 'pages'>]>([
    ['configured, a bucket', 20, { config: TWENTY, openApi: () => bucketApi(20, 20, 'all') }],
    ['configured, a small bucket', 20, { config: TWENTY, openApi: () => bucketApi(20, 5, 'all') }],
    [
      'configured, so many a second',
      20,
      { config: TWENTY, openApi: () => periodApi(20, 1000, 'all') },
    ],
    ['configured, never told', 20, { config: TWENTY, openApi: () => bucketApi(20, 5, 'refusals') }],
    ['configured too high', 10, { config: TWENTY, openApi: () => bucketApi(10, 10, 'all') }],
    ['told, a bucket', 20, { config: {}, openApi: () => bucketApi(20, 20, 'all') }],
    ['told, so many a second', 20, { config: {}, openApi: () => periodApi(20, 1000, 'all') }],
    [
      'told, so many in five seconds',
      20,
      { config: {}, openApi: () => periodApi(100, 5000, 'all') },
    ],
  ])('%s', async (_, perSecond, traffic) => {
    for (const lateMs of [0, 15]) {
      const { seconds, refused } = await read({ ...traffic, pages: PAGES, lateMs })
      expect(refused).toBeLessThan(PAGES / 100)
      expect(seconds).toBeLessThan(shortest(perSecond) * 1.1)
    }
  })

  it('where it has nothing to spare for starts that come late', async () => {
    for (const lateMs of [0, 15]) {
      const openApi = () => bucketApi(20, 2, 'refusals')
      const { seconds, refused } = await read({ config: TWENTY, openApi, pages: PAGES, lateMs })
      expect(refused).toBeLessThan(PAGES / 50)
      expect(seconds).toBeLessThan(shortest(20) * 1.6)
    }
  })

  it('while another program spends half of it', async () => {
    for (const config of [TWENTY, {}]) {
      const openApi = () => bucketApi(20, 20, 'all')
      const { seconds, refused } = await read({ config, openApi, pages: PAGES, others: 10 })
      expect(refused).toBeLessThanOrEqual(PAGES / 50)
      expect(seconds).toBeLessThan(shortest(10) * 1.1)
    }
  })

  it('without knowing it, refused now and then', async () => {
    const openApi = () => bucketApi(20, 20, 'refusals')
    const { seconds, refused } = await read({ config: {}, openApi, pages: PAGES * 3 })
    expect(refused).toBeLessThan((PAGES * 3) / 50)
    expect(seconds).toBeLessThan(shortest(20) * 3 * 1.5)
  })
})
