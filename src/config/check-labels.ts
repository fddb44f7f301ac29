import { labelViewName } from '../load/sql/label-view-name.ts'
import { type IndexedEndpoint, MAX_IDENTIFIER_BYTES, tableOf } from './checks.ts'
import { labelsOf } from './labels.ts'
import { piiProblem } from './pii.ts'
import type { Path, Problem } from './problem.ts'
import { didYouMean } from './suggest.ts'

/** What the labels of an endpoint's fields need: definitions to take them from, and a view to show them in. */
export function checkLabels(
  { index, config }: IndexedEndpoint,
  endpoints: readonly IndexedEndpoint[],
  names: readonly string[],
): Problem[] {
  const rules = labelsOf(config)
  if (rules.length === 0) return []
  const here: Path = ['endpoints', index, 'labels']
  const problems: Problem[] = []
  for (const [position, { from, key, label, field }] of rules.entries()) {
    const at = Array.isArray(config.labels) ? [...here, position] : here
    const say = (place: string, message: string) => problems.push({ path: [...at, place], message })
    if (!names.includes(from)) {
      say('from', `no endpoint is called "${from}"${didYouMean(from, names)}`)
    }
    if (!field.includes('{key}')) {
      say('field', 'expected `{key}` where the key of the definition stands: `custom.{key}`')
    }
    const definitions = endpoints.find((other) => other.config.name === from)?.config
    for (const [place, path] of [
      ['key', key],
      ['label', label],
    ] as const) {
      const message = definitions ? piiProblem(definitions, path) : null
      if (message !== null) say(place, message)
    }
  }
  const view = labelViewName(tableOf(config), MAX_IDENTIFIER_BYTES)
  const owner = endpoints.find(
    (other) => tableOf(other.config).toLowerCase() === view.toLowerCase(),
  )
  if (owner) {
    problems.push({
      path: here,
      message: `the view "${view}" would have the name of the table of "${owner.config.name}"; give that a table_name`,
    })
  }
  return problems
}
