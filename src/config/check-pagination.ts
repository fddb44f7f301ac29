import type { EndpointConfig } from './endpoint.ts'
import type { Path, Problem } from './problem.ts'
import { checkTemplates } from './templates.ts'

/** What can only be seen in the keys of a paginator together. */
export function checkPagination(pagination: EndpointConfig['pagination'], at: Path): Problem[] {
  if (pagination.type !== 'keyset') return []
  const { param, field, params } = pagination
  if (params !== undefined) {
    const extra = param === undefined ? 'field' : 'param'
    if (pagination[extra] !== undefined) {
      const message = '`params` say where to go on, and so does this: leave one of them out'
      return [{ path: [...at, extra], message }]
    }
    const names = { incremental: false, mapped: null, vars: [], time: false, last: true }
    return checkTemplates(params, [...at, 'params'], names)
  }
  if (param !== undefined && field !== undefined) return []
  const missing = param === undefined && field === undefined ? '`param` and `field`' : null
  const one = param === undefined ? '`param`' : '`field`'
  const message = `a keyset needs ${missing ?? one}: the parameter to go on with and the field of the last record that it holds; or \`params\` with {last.<field>} in them`
  return [{ path: at, message }]
}
