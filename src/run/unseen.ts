import type { RunContext } from './context.ts'

type Emitting = Pick<RunContext, 'emit'>

/** Says in the summary why rows that are gone are not found. */
export function warnDeletesUnseen(endpoint: string, { emit }: Emitting, why: string): void {
  const message = `deletes are not seen: ${why}`
  emit({ type: 'warning', endpoint, code: 'DELETES_UNSEEN', message })
}

/** Says in the summary which changes are not found. */
export function warnChangesUnseen(endpoint: string, { emit }: Emitting, message: string): void {
  emit({ type: 'warning', endpoint, code: 'CHANGES_UNSEEN', message })
}
