import type { ResolvedSource } from '../config/resolved.ts'
import type { LabelView } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import type { Outcomes } from './run-endpoint.ts'

/** The label views of a source's endpoints; those of endpoints without `labels` are to be gone. */
export function labelViewsOf({ endpoints }: ResolvedSource): readonly LabelView[] {
  return endpoints.map(({ name, naming, labels }) => ({ endpoint: name, naming, rules: labels }))
}

/** Leaves every label view as the configuration and the dataset have it, and says what keeps labels out of one. */
export async function settleLabelViews(
  { dataset, emit }: RunContext,
  outcomes: Outcomes,
): Promise<void> {
  const read = [...outcomes].filter(([, { status }]) => status === 'ok')
  const synced = new Set(read.map(([endpoint]) => endpoint))
  for (const { endpoint, message } of await dataset.settleLabelViews(synced)) {
    const code = 'LABELS_UNSEEN'
    emit({ type: 'warning', endpoint, code, message: `labels are not shown: ${message}` })
  }
}
