import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeQuery } from '../../../src/http/url.ts'
import { createRedactor } from '../../../src/core/redact.ts'

describe('createRedactor', () => {
  const secret = 'api_4Zq/+ k(e)y!\'*"\\=ü'

  it.each([
    ['plain', secret],
    ['URL-encoded', encodeURIComponent(secret)],
    ['URL-encoded as Sluice does', encodeQuery({ k: secret }, 'plain').slice(2)],
    [
      'URL-encoded in lower case',
      encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
    ],
    ['form-encoded', new URLSearchParams({ k: secret }).toString().slice(2)],
    ['JSON-escaped', JSON.stringify({ key: secret })],
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64 without padding', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['base64url', Buffer.from(secret).toString('base64url')],
    ['a Basic header with an empty password', Buffer.from(`${secret}:`).toString('base64')],
    ['URL-encoded base64', encodeURIComponent(Buffer.from(secret).toString('base64'))],
  ])('replaces a secret that is %s', (_form, text) => {
    const redacted = createRedactor([secret])(`before ${text} after`)
    expect(redacted).toMatch(/^before .*\*\*\*.* after$/)
    expect(redacted).not.toContain(secret)
    expect(redacted.length).toBeLessThan(40)
  })

  it('leaves nothing of a secret that contains another', () => {
    const redact = createRedactor(['token', 'token-and-more'])
    expect(redact('token-and-more token')).toBe('*** ***')
  })

  it('leaves ordinary text alone when a secret is too short to tell apart', () => {
    expect(createRedactor(['a', 'key', ''])('a key is a key')).toBe('a key is a key')
  })

  it('replaces every occurrence, and treats no character of a secret as a pattern', () => {
    expect(createRedactor(['a.*b', '$& $1'])('a.*b axxb a.*b $& $1')).toBe('*** axxb *** ***')
  })

  it('leaves no secret in any text that holds it', () => {
    const secrets = fc.array(fc.string({ minLength: 4, maxLength: 12 }), { minLength: 1 })
    fc.assert(
      fc.property(secrets, fc.string(), (all, filler) => {
        const text = all.map((one) => `${filler}${one}`).join(filler)
        const redacted = createRedactor(all)(text)
        for (const one of all.filter((each) => !each.includes('*'))) {
          expect(redacted.replaceAll('***', '\0')).not.toContain(one)
        }
      }),
    )
  })
})
