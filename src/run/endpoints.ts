import type { SluiceError } from '../core/errors.ts'
import type { RunContext } from './context.ts'
import { endsRun } from './not-read.ts'
import { feedsOf, type PlannedEndpoint } from './plan.ts'
import { failed, runEndpoint, type RunJob, type SoFar } from './run-endpoint.ts'
import { runSideBySide } from './side-by-side.ts'

/**
 * Reads the endpoints of a job side by side: children after their parents, and endpoints after the feeds that tell of
 * their records. Until a first page was read, they are tried one by one: a server that is away or a key
 * that is refused is found out once.
 *
 * @param soFar.stop aborts `context.signal`
 * @returns the failure that ended the run before all had their turn; null for none
 */
export async function readEndpoints(
  job: RunJob,
  context: RunContext,
  { stop, ...soFar }: SoFar & { readonly stop: AbortController },
): Promise<SluiceError | null> {
  const { tally, outcomes } = soFar
  let ended: SluiceError | null = null

  async function read(step: PlannedEndpoint): Promise<void> {
    const { name } = step.endpoint
    context.emit({ type: 'endpoint_started', endpoint: name })
    const outcome = await runEndpoint(job, step, context, soFar)
    outcomes.set(name, outcome)
    context.emit({ type: 'endpoint_finished', endpoint: name, status: outcome.status })
    if (ended || !endsRun(outcome)) return
    ended = outcome.error
    stop.abort(ended)
  }

  const tasks = job.planned.map((step) => ({
    name: step.endpoint.name,
    after: waitsFor(step),
    run: () => read(step),
  }))
  const endpoints = runSideBySide(tasks, {
    limit: () => (tally.hasPage ? (context.ahead?.depth ?? 1) : 1),
    isOver: () => context.signal.aborted,
  })
  void tally.firstPage.then(() => endpoints.look())
  await endpoints.done
  return ended
}

function waitsFor({ endpoint }: PlannedEndpoint): readonly string[] {
  const parent = endpoint.depends_on?.endpoint
  // A record that is read after its events need not be read again for them.
  return [...(parent === undefined ? [] : [parent]), ...feedsOf(endpoint)]
}

/** Does what is left to do for each endpoint that was read, side by side. */
export async function finishEndpoints(
  { planned, after }: RunJob,
  context: RunContext,
  { outcomes, session }: SoFar,
): Promise<void> {
  if (!after) return

  async function finish(step: PlannedEndpoint): Promise<void> {
    const { name } = step.endpoint
    const outcome = outcomes.get(name)
    if (!outcome || outcome.status === 'skipped') return
    try {
      await after!(step, context, outcome)
    } catch (thrown) {
      // The first failure is the one to be told.
      const failure = failed(step, context, { session, thrown, bookmark: outcome.bookmark })
      if (outcome.status === 'ok') outcomes.set(name, failure)
    }
  }

  const tasks = planned.map((step) => ({
    name: step.endpoint.name,
    after: [],
    run: () => finish(step),
  }))
  const limit = () => context.ahead?.depth ?? 1
  await runSideBySide(tasks, { limit, isOver: () => context.signal.aborted }).done
}
