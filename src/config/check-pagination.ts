import { templateNames } from '../core/template.ts'
import type { EndpointConfig } from './endpoint.ts'
import type { Path, Problem } from './problem.ts'
import { checkTemplates } from './templates.ts'

/** What can only be seen in the keys of a paginator together. */
export function checkPagination(pagination: EndpointConfig['pagination'], at: Path): Problem[] {
  if (pagination.type !== 'keyset') return []
  const { ties, limit } = pagination
  const problems = checkPlace(pagination, at)
  if (ties !== undefined && limit === undefined) {
    const message =
      '`ties` need a `limit`: a page of that many records of one value tells that there may be more of it'
    problems.push({ path: [...at, 'ties'], message })
  }
  return problems
}

/** What a keyset goes on after: one field, or parameters made of several. */
function checkPlace(
  { param, field, params }: Extract<EndpointConfig['pagination'], { readonly type: 'keyset' }>,
  at: Path,
): Problem[] {
  if (params !== undefined) {
    const extra = param !== undefined ? 'param' : field !== undefined ? 'field' : null
    if (extra !== null) {
      const message = '`params` say where to go on, and so does this: leave one of them out'
      return [{ path: [...at, extra], message }]
    }
    const names = { incremental: false, mapped: null, vars: [], time: false, last: true }
    const problems = checkTemplates(params, [...at, 'params'], names)
    if (problems.length > 0 || templateNames({ ...params }).length > 0) return problems
    const message = 'nothing says where to go on: put {last.<field>} into `params`'
    return [{ path: [...at, 'params'], message }]
  }
  if (param !== undefined && field !== undefined) return []
  const missing = param === undefined && field === undefined ? '`param` and `field`' : null
  const one = param === undefined ? '`param`' : '`field`'
  const message = `a keyset needs ${missing ?? one}: the parameter to go on with and the field of the last record that it holds; or \`params\` with {last.<field>} in them`
  return [{ path: at, message }]
}
