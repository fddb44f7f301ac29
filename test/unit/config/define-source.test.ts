import { describe, expect, it } from 'vitest'
import { defineSource } from '../../../src/config/define-source.ts'

describe('defineSource', () => {
  it('checks and completes a source written in code', () => {
    const source = defineSource(
      {
        name: 'acme',
        base_url: 'https://{vars.region}.acme.test',
        auth: { type: 'bearer', token: '${NOT_REPLACED}' },
        defaults: { primary_key: 'id' },
        endpoints: [{ name: 'leads', path: '/lead/' }],
      },
      { vars: { region: 'eu' } },
    )
    expect(source).toMatchObject({
      name: 'acme',
      base_url: 'https://eu.acme.test',
      auth: { token: '${NOT_REPLACED}' },
      endpoints: [{ name: 'leads', primary_key: ['id'], write_disposition: 'merge' }],
    })
  })

  it('says what is wrong by path, all at once, without secrets', () => {
    const define = () =>
      defineSource({
        base_url: 'acme.test',
        auth: { type: 'bearer', token: ['abc_12345'] as unknown as string },
        endpoints: [{ name: 'a', path: '/a', paginator: {} }, { name: 'a' }],
      })
    expect(define).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: `5 mistakes in the configuration

base_url: expected an absolute URL such as https://api.example.com/v1

auth.token: expected text

endpoints[0].paginator: unknown key "paginator"; did you mean "pagination"?

endpoints[1].path: "path" is missing

endpoints[1].name: endpoints[0] is called "a" too; every endpoint needs a name of its own`,
      }),
    )
  })

  it('refuses what is not a source at all', () => {
    expect(() => defineSource(null as never)).toThrow('expected a map, but nothing is here')
  })
})
