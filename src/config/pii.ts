import { compileRules } from '../normalize/field-rules.ts'
import type { EndpointConfig } from './endpoint.ts'

/** What keeps a field from being stored as it is: its own `pii`, or that of what it is a part of. */
export function piiOf(
  { columns }: Pick<EndpointConfig, 'columns'>,
  field: string,
): 'hash' | 'drop' | null {
  const rules = compileRules({ columns, jsonColumns: [], primaryKey: [], cursorPath: null })
  for (const { rest, rule } of rules) {
    const isMeant = field === rest || field.startsWith(`${rest}.`)
    if (isMeant && (rule.keep === 'hash' || rule.keep === 'drop')) return rule.keep
  }
  return null
}

/** Why a field of another endpoint can not be read from its table; null when it can. */
export function piiProblem(config: EndpointConfig, field: string): string | null {
  const pii = piiOf(config, field)
  return pii && `"${field}" of "${config.name}" is not stored as it is: its \`pii\` is ${pii}`
}
