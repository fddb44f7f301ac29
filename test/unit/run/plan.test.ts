import { describe, expect, it } from 'vitest'
import { planEndpoints } from '../../../src/run/plan.ts'
import { load } from '../config/helpers.ts'

const SOURCE = `
base_url: https://acme.test
endpoints: [{ name: leads, path: /a }, { name: contacts, path: /b }]
`

describe('planEndpoints', () => {
  it.each([
    ['lead', '; did you mean "leads"?'],
    ['zebra', ''],
  ])('refuses the unknown endpoint %s', async (name, suggestion) => {
    const [pipeline] = (await load({ 'acme.yaml': SOURCE })).pipelines
    expect(() => planEndpoints(pipeline!, [name])).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: `pipeline acme has no endpoint "${name}"${suggestion}`,
        hint: 'endpoints of acme: leads, contacts',
      }),
    )
  })
})
