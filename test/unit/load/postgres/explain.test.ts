import { expect, it } from 'vitest'
import { judgePostgres } from '../../../../src/load/postgres/explain.ts'

const coded = (code: string, message = 'no') => Object.assign(new Error(message), { code })

it.each([
  ['passing', coded('57P01', 'terminating connection due to administrator command')],
  ['passing', coded('57P03', 'the database system is starting up')],
  ['passing', coded('08006')],
  ['passing', coded('40001', 'could not serialize access')],
  ['passing', coded('40P01', 'deadlock detected')],
  ['passing', coded('53300', 'too many connections')],
  ['passing', coded('ECONNRESET')],
  ['passing', coded('ECONNREFUSED')],
  ['passing', new Error('Connection terminated unexpectedly')],
  ['passing', new Error('Client has encountered a connection error and is not queryable')],
  ['lasting', coded('53100', 'could not extend file: No space left on device')],
  ['lasting', coded('25006', 'cannot execute INSERT in a read-only transaction')],
  ['value', coded('22003', 'numeric value out of range')],
  ['value', coded('23514', 'violates check constraint')],
  ['value', coded('54000', 'index row size exceeds maximum')],
  [null, coded('42P01', 'relation does not exist')],
  [null, coded('28P01', 'password authentication failed')],
  [null, new TypeError('no')],
])('%s: %s', (kind, error) => {
  expect(judgePostgres(error)).toBe(kind)
})
