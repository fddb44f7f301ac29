import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../src/core/json.ts'
import { createRedactor } from '../../../src/core/redact.ts'
import { apiWords, quote } from '../../../src/http/api-words.ts'

const plain = (text: string): string => text

describe('apiWords', () => {
  it.each<[string, JsonValue, string]>([
    ['an error text', { error: 'Expired cursor' }, 'Expired cursor'],
    ['an error object', { error: { message: 'Too many', rate_reset: 1 } }, 'Too many'],
    [
      'fields',
      { errors: [], 'field-errors': { lead: 'This field is required.' } },
      'lead: This field is required.',
    ],
    ['errors and fields', { errors: ['Bad'], 'field-errors': { a: ['x', 'y'] } }, 'Bad; a: x, y'],
    ['nested fields', { errors: { name: { _empty: 'is empty' } } }, 'name: _empty: is empty'],
    ['a list of errors', { errors: [{ detail: 'one' }, 'two'] }, 'one; two'],
    ['a message', { message: 'Not Found', documentation_url: 'x' }, 'Not Found'],
    [
      'a message inside data',
      { success: false, data: { code: 401, message: 'wrong token' } },
      'wrong token',
    ],
    [
      'validation of EspoCRM',
      { messageTranslation: { label: 'validationFailure' } },
      'validationFailure',
    ],
    ['nothing it knows', { code: 7, id: 2n ** 60n }, '{"code":7,"id":1152921504606846976}'],
    ['text', 'Forbidden', 'Forbidden'],
    ['nothing', {}, ''],
    ['null', null, ''],
    ['an empty error', { error: ' ' }, '{"error":" "}'],
  ])('of %s', (_what, body, words) => {
    expect(apiWords(body, {}, plain)).toBe(words)
  })

  it('are the status reason where the body has none', () => {
    const headers = { 'x-status-reason': 'Max size should not exceed 200.' }
    expect(apiWords(null, headers, plain)).toBe('Max size should not exceed 200.')
    expect(apiWords({ error: 'own' }, headers, plain)).toBe('own')
  })

  it('are one line of at most 300 characters', () => {
    expect(apiWords({ error: 'a\n\t b' }, {}, plain)).toBe('a b')
    expect(apiWords({ error: 'x'.repeat(5000) }, {}, plain)).toBe(`${'x'.repeat(300)}…`)
  })
})

describe('quote', () => {
  it('shows no half of a secret that stands where the text is cut', () => {
    const secret = 's3cret-that-is-long'
    const text = `${'x'.repeat(15)}${secret} and more`
    expect(quote(text, 20, createRedactor([secret]))).toBe(`${'x'.repeat(15)}*** a…`)
  })
})
