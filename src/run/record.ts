import { VERSION } from '../core/version.ts'
import type { EndpointRunRecord, RunRecord } from '../state/dataset.ts'
import type { RunContext } from './context.ts'
import type { RunSummary } from './summary.ts'

/** The line of `_sluice_runs` of a run that begins. */
export function beginRecord(
  { runId, pipeline, startedAt }: Pick<RunContext, 'runId' | 'pipeline' | 'startedAt'>,
  command: RunRecord['command'],
  trigger: string,
): RunRecord {
  return {
    runId,
    pipeline: pipeline.name,
    command,
    status: 'running',
    startedAt,
    finishedAt: null,
    trigger,
    version: VERSION,
    error: null,
    summary: null,
  }
}

/** The lines of `_sluice_runs` and `_sluice_run_endpoints` of a run that is over. */
export function endRecord(
  begun: RunRecord,
  summary: RunSummary,
): [run: RunRecord, endpoints: EndpointRunRecord[]] {
  const failed = summary.endpoints.find(({ error }) => error !== null)
  const run: RunRecord = {
    ...begun,
    status: summary.status,
    finishedAt: summary.finished_at,
    error: summary.error?.message ?? failed?.error?.message ?? null,
    summary: structuredClone(summary) as never,
  }
  const endpoints = summary.endpoints.map((endpoint) => ({
    endpoint: endpoint.endpoint,
    status: endpoint.status,
    requests: endpoint.requests,
    pages: endpoint.pages,
    records: endpoint.records,
    rejected: endpoint.rejected,
    deleted: endpoint.deleted,
    retries: endpoint.retries,
    waitedMs: endpoint.waited_ms,
    error: endpoint.error?.message ?? null,
  }))
  return [run, endpoints]
}
