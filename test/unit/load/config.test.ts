import { expect, it } from 'vitest'
import { destinations } from '../../../src/load/index.ts'

it('puts SQLite files beside the configuration unless told otherwise', () => {
  expect(destinations.config.parse({ type: 'sqlite' })).toEqual({
    type: 'sqlite',
    path: 'data/{dataset}.db',
  })
})

it.each([
  { type: 'postgres' },
  { type: 'postgres', connection_string: 'mysql://localhost/db' },
  { type: 'sqlite', path: '' },
  { type: 'sqlite', path: 'x.db', schema: 'public' },
  { type: 'duckdb' },
])('refuses %o', (config) => {
  expect(destinations.config.safeParse(config).success).toBe(false)
})
