import { expect, describe, it } from 'vitest'
import { destinationTypes, openTestDataset } from '../../support/databases.ts'
import { reply, serve } from '../../support/http-server.ts'
import { createPipeline } from '../../support/pipeline.ts'

describe.each(destinationTypes)('refresh tokens in %s', (type) => {
  it('are kept encrypted, and read only with the secret they were kept under', async () => {
    await using test = await openTestDataset(type)
    const store = test.dataset.tokens('close', 'client:secret')
    expect(await store.load()).toBeNull()
    await store.save('first-refresh-token')
    await store.save('rotated-refresh-token')
    expect(await store.load()).toBe('rotated-refresh-token')
    expect(await test.dataset.tokens('close', 'another').load()).toBeNull()
    expect(await test.dataset.tokens('other', 'client:secret').load()).toBeNull()
    const { rows } = await test.dataset.query('select token from _sluice_tokens')
    expect(JSON.stringify(rows)).not.toContain('refresh-token')
  })

  it('that the API rotates are used by the next run, also after a dry run', async () => {
    let valid = 'refresh-0'
    let issued = 0
    await using api = await serve((request) => {
      if (request.path !== '/token') return { data: [{ id: 1 }], has_more: false }
      const sent = new URLSearchParams(request.body).get('refresh_token')
      if (sent !== valid) return reply(400, { error: 'invalid_grant' })
      valid = `refresh-${++issued}`
      return { access_token: `access-${issued}`, expires_in: 3600, refresh_token: valid }
    })
    await using pipeline = createPipeline(type, {
      base_url: api.url,
      auth: {
        type: 'oauth2',
        grant: 'refresh_token',
        token_url: `${api.url}/token`,
        client_id: 'app',
        client_secret: 'app-secret',
        refresh_token: 'refresh-0',
      },
      endpoints: [{ name: 'leads', path: '/leads', primary_key: 'id' }],
    })
    expect((await pipeline.sync({ dryRun: true })).status).toBe('ok')
    expect((await pipeline.sync()).status).toBe('ok')
    expect((await pipeline.sync()).status).toBe('ok')
    expect(issued).toBe(3)
  })
})
