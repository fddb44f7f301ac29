import { describe, expect, it } from 'vitest'
import { isSignature } from '../../../../src/sandbox/espocrm/auth.ts'

const credentials = {
  apiKey: '0123456789abcdef0123456789abcdef',
  secretKey: 'fedcba9876543210fedcba9876543210',
}
const HEX =
  'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY6NjkwNDc3NWYwNTFjZDUwM2FjZGY4MzExZWZjM2U1ZGZmYmM5YzcyMjZiMWVhNjNhNzNjZmM1NDlkMTQ0NGIxNg=='
const RAW =
  'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY6aQR3XwUc1QOs34MR78Pl3/vJxyJrHqY6c8/FSdFESxY='
const OF_A_LINK = `${credentials.apiKey}:8cb603b035506913ac75f05ed8bf9bae47ee8861a2f575005bdf5267b6aa7731`

const signs = (header: string | Buffer, text: string, own = credentials) =>
  isSignature(typeof header === 'string' ? Buffer.from(header, 'base64') : header, text, own)

describe('isSignature', () => {
  it('knows both forms of the digest, byte for byte', () => {
    expect(signs(HEX, 'GET /Contact')).toBe(true)
    expect(signs(RAW, 'GET /Contact')).toBe(true)
    expect(signs(Buffer.from(OF_A_LINK), 'GET /Account/001/contacts')).toBe(true)
  })

  it('refuses another text, key, secret, and what is no signature', () => {
    expect(signs(HEX, 'GET /api/v1/Contact')).toBe(false)
    expect(signs(RAW, 'get /Contact')).toBe(false)
    expect(signs(HEX, 'GET /Contact', { ...credentials, apiKey: 'other' })).toBe(false)
    expect(signs(HEX, 'GET /Contact', { ...credentials, secretKey: 'other' })).toBe(false)
    expect(signs('', 'GET /Contact')).toBe(false)
    expect(signs(Buffer.from(credentials.apiKey), 'GET /Contact')).toBe(false)
    expect(signs(Buffer.from(`${credentials.apiKey}:`), 'GET /Contact')).toBe(false)
  })
})
