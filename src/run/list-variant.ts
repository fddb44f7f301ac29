import { mergeJson } from '../core/json.ts'
import type { Snapshot } from '../config/deletes.ts'
import type { Reread } from '../config/reread.ts'
import type { ResolvedEndpoint } from '../config/resolved.ts'

/** The endpoint as it is asked for a complete list: with the snapshot's own parameters, and without bounds. */
export function asSnapshot(endpoint: ResolvedEndpoint, snapshot: Snapshot): ResolvedEndpoint {
  return {
    ...withoutBounds(endpoint),
    params: { ...endpoint.params, ...snapshot.params },
    json: snapshot.json ?? endpoint.json,
    pagination: snapshot.pagination ?? endpoint.pagination,
  }
}

/** The endpoint as it is asked for records by their key, which the parameters find in `{keys}` or `{key}`. */
export function asReread(endpoint: ResolvedEndpoint, { params, json }: Reread): ResolvedEndpoint {
  const own = endpoint.params
  const joined = Object.entries(params).map(
    ([name, value]) =>
      [name, value === null ? null : mergeJson(own[name] ?? undefined, value)] as const,
  )
  return {
    ...withoutBounds(endpoint),
    params: { ...own, ...Object.fromEntries(joined) } as ResolvedEndpoint['params'],
    json:
      json === undefined
        ? endpoint.json
        : (mergeJson(endpoint.json, json) as ResolvedEndpoint['json']),
  }
}

function withoutBounds({ incremental: _incremental, ...rest }: ResolvedEndpoint): ResolvedEndpoint {
  return { ...rest, incremental: undefined }
}
