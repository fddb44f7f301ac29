import type { JsonRecord, JsonValue } from '../../../../src/core/json.ts'
import { createLogger } from '../../../../src/core/log.ts'
import { paginators } from '../../../../src/http/pagination/index.ts'
import type { Paginator } from '../../../../src/http/pagination/paginator.ts'
import type { RestRequest, RestResponse } from '../../../../src/http/types.ts'
import { firstRequest, responseTo } from '../../../conformance/paginator.ts'

/** What a paginator says: lines of the log by level, warnings of the summary by code. */
export type Logged = [level: string, message: string][]

/** A paginator from its configuration as YAML has it, for the endpoint `items`. */
export function paginatorOf(config: object, logged: Logged = []): Paginator {
  const log = createLogger((level, message) => logged.push([level, message]), 'debug')
  const warn = (code: string, message: string) => logged.push([code, message])
  return paginators.create(paginators.config.parse(config), { endpoint: 'items', log, warn })
}

export const records = (count: number): JsonRecord[] =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1 }))

/** The request after the first response, and after any further ones of the same shape. */
export function walk(
  config: object,
  pages: readonly { body: JsonValue; records?: number; headers?: RestResponse['headers'] }[],
  request: RestRequest = firstRequest(),
  logged: Logged = [],
): (RestRequest | null)[] {
  const paginator = paginatorOf(config, logged)
  const made: (RestRequest | null)[] = [paginator.first(request)]
  for (const page of pages) {
    const current = made.at(-1)
    if (!current) break
    const response = responseTo(current, page.body, page.headers)
    made.push(paginator.next(current, response, records(page.records ?? 0)))
  }
  return made
}
