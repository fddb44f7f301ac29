import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../src/core/json.ts'
import { readRateLimit, readRetryAfter } from '../../../src/http/reset-headers.ts'

const NOW = Date.parse('2025-01-01T00:00:00Z')

function read(
  headers: Record<string, string>,
  {
    status = 429,
    body = null as JsonValue,
    serverTime = null as number | null,
    resetHeader = '',
  } = {},
): (number | null)[] {
  const facts = readRateLimit({ status, headers, body, now: NOW, serverTime, resetHeader })
  return [facts.resetMs, facts.remaining]
}

describe('readRateLimit on a 429', () => {
  it.each<[string, Record<string, string>, (number | null)[]]>([
    ['nothing', {}, [null, null]],
    ['RateLimit, key=value', { ratelimit: 'limit=100, remaining=50, reset=5' }, [5000, 50]],
    ['a reset below one second', { ratelimit: 'limit=100, remaining=0, reset=0.87' }, [870, 0]],
    ['a reset below one millisecond', { ratelimit: 'reset=0.0001' }, [1, null]],
    ['RateLimit with semicolons', { ratelimit: 'limit=10;remaining=3;reset=2' }, [2000, 3]],
    ['RateLimit, structured', { ratelimit: '"default";r=50;t=5' }, [5000, 50]],
    ['several structured limits', { ratelimit: '"burst";r=0;t=2, "day";r=9;t=60' }, [60_000, 0]],
    [
      'RateLimit-*',
      { 'ratelimit-limit': '60', 'ratelimit-remaining': '59', 'ratelimit-reset': '1' },
      [1000, 59],
    ],
    [
      'X-RateLimit-Reset in epoch seconds',
      { 'x-ratelimit-reset': String(NOW / 1000 + 30) },
      [30_000, null],
    ],
    [
      'X-RateLimit-Reset in epoch milliseconds',
      { 'x-ratelimit-reset': String(NOW + 1500) },
      [1500, null],
    ],
    ['an epoch that has passed', { 'x-ratelimit-reset': String(NOW / 1000 - 30) }, [0, null]],
    ['an ISO time', { 'x-ratelimit-reset': '2025-01-01T00:01:00Z' }, [60_000, null]],
    ['X-Rate-Limit-Reset with decimals', { 'x-rate-limit-reset': '14.68976' }, [14_690, null]],
    [
      'a list with windows',
      { 'x-ratelimit-limit': '60, 60;w=1, 100;w=1', 'x-ratelimit-remaining': '59' },
      [null, 59],
    ],
    ['Retry-After in seconds', { 'retry-after': '1' }, [1000, null]],
    ['Retry-After 0', { 'retry-after': '0' }, [0, null]],
    [
      'Retry-After as an HTTP date',
      { 'retry-after': 'Wed, 01 Jan 2025 00:00:10 GMT' },
      [10_000, null],
    ],
    [
      'Retry-After in the RFC 850 form',
      { 'retry-after': 'Wednesday, 01-Jan-25 00:00:10 GMT' },
      [10_000, null],
    ],
    [
      'Retry-After in the asctime form',
      { 'retry-after': 'Wed Jan  1 00:00:10 2025' },
      [10_000, null],
    ],
    ['a date that has passed', { 'retry-after': 'Tue, 31 Dec 2024 00:00:00 GMT' }, [0, null]],
    [
      'the greatest of all',
      {
        'retry-after': '1',
        ratelimit: 'limit=9, remaining=5, reset=5',
        'x-rate-limit-reset': '3.5',
      },
      [5000, 5],
    ],
    [
      'everything Close sent in 2022',
      {
        'x-rate-limit-limit': '240',
        'x-rate-limit-remaining': '239',
        'x-rate-limit-reset': '7.218390',
        'ratelimit-limit': '60',
        'ratelimit-remaining': '59',
        'ratelimit-reset': '1',
        'x-ratelimit-limit': '60, 60;w=1, 100;w=1',
        'x-ratelimit-remaining': '59',
        'x-ratelimit-reset': '1',
      },
      [7219, 59],
    ],
    [
      'malformed beside readable',
      { ratelimit: 'reset=soon', 'retry-after': 'later', 'x-rate-limit-reset': '2' },
      [2000, null],
    ],
    [
      'negative, empty and endless',
      { 'retry-after': '-5', 'x-ratelimit-reset': '', 'x-rate-limit-reset': '9'.repeat(400) },
      [null, null],
    ],
  ])('%s', (_what, headers, facts) => {
    expect(read(headers)).toEqual(facts)
  })

  it.each<[string, JsonValue, number | null]>([
    ['at the top, as text', { rate_reset: '0.595956' }, 596],
    ['under error', { error: { message: 'x', rate_reset: 0.870663 } }, 871],
    ['both', { rate_reset: 1, error: { rate_reset: 2 } }, 2000],
    ['an error that is text', { error: 'API call count exceeded' }, null],
    ['malformed', { rate_reset: { in: 5 } }, null],
    ['no body', {}, null],
  ])('reads rate_reset of the body: %s', (_what, body, resetMs) => {
    expect(read({}, { body })[0]).toBe(resetMs)
  })

  it('measures epochs and dates from the server clock, and seconds from no clock', () => {
    const serverTime = NOW + 3_600_000
    const at = String(serverTime / 1000 + 5)
    expect(read({ 'x-ratelimit-reset': at }, { serverTime })[0]).toBe(5000)
    expect(read({ 'retry-after': 'Wed, 01 Jan 2025 01:00:07 GMT' }, { serverTime })[0]).toBe(7000)
    expect(read({ 'retry-after': '7' }, { serverTime })[0]).toBe(7000)
  })

  it('reads the header that retry.reset_header names, in any case', () => {
    expect(read({ 'x-quota-back-in': '9' }, { resetHeader: 'X-Quota-Back-In' })[0]).toBe(9000)
  })
})

describe('readRateLimit on other statuses', () => {
  it('ignores the reset of a limit that has more left than the tightest', () => {
    const headers = {
      ratelimit: 'limit=10, remaining=0, reset=1',
      'x-ratelimit-remaining': '4000',
      'x-ratelimit-reset': '3600',
    }
    expect(read(headers, { status: 200 })).toEqual([1000, 0])
    expect(read(headers, { status: 429 })[0]).toBe(3_600_000)
  })
})

describe('readRetryAfter', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['2.5', 2500],
    ['Wed, 01 Jan 2025 00:00:10 GMT', 10_000],
  ])('%s', (header, expected) => {
    expect(readRetryAfter(header, NOW, null)).toBe(expected)
  })
})

describe('any headers at all', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.double().map(String),
    fc.integer().map(String),
    fc.date().map((date) => (Number.isNaN(date.getTime()) ? 'x' : date.toUTCString())),
    fc.constantFrom(
      'limit=1, remaining=0, reset=',
      '"a";r=1;t=',
      ', ',
      ';w=1',
      '1e999',
      'NaN',
      '-1',
    ),
  )
  const value = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''))
  const names = [
    'ratelimit',
    'retry-after',
    ...['', 'x-', 'x-rate-'].flatMap((prefix) =>
      ['limit', 'remaining', 'reset'].map((field) =>
        prefix === 'x-rate-' ? `x-rate-limit-${field}` : `${prefix}ratelimit-${field}`,
      ),
    ),
  ]
  const headers = fc.dictionary(fc.constantFrom(...names), value)

  it('give finite numbers that are not negative, or null', () => {
    fc.assert(
      fc.property(headers, fc.jsonValue(), fc.constantFrom(200, 429), (headers, body, status) => {
        const facts = readRateLimit({
          status,
          headers,
          body: body as JsonValue,
          now: NOW,
          serverTime: null,
          resetHeader: 'ratelimit-limit',
        })
        for (const fact of Object.values(facts) as (number | null)[]) {
          expect(fact === null || (Number.isFinite(fact) && fact >= 0)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
