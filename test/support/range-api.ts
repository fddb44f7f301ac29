import type { JsonRecord, JsonValue } from '../../src/core/json.ts'
import { reply, serve, type RecordedRequest, type Reply, type TestServer } from './http-server.ts'

/** An API with one list of records that have an `at`, filtered by `from` and `to`, paged by `skip` and `limit`. */
export interface RangeApi {
  records: JsonRecord[]
  /** Offsets beyond this are refused, as Close refuses them. */
  cap?: number
  /** How `to` is meant; default: exclusive. */
  inclusiveEnd?: boolean
  /** What the API's clock says, for the `Date` header. */
  now?: string
  /** Answers instead of the list. */
  override?: ((request: RecordedRequest) => Reply | JsonValue | undefined) | undefined
}

/** Serves the list at every path, so that children can have lists of their own by a field `parent`. */
export function serveRange(api: RangeApi): Promise<TestServer> {
  return serve((request) => {
    const instead = api.override?.(request)
    if (instead !== undefined) return instead
    const { query, path } = request
    const parent = path.split('/')[2]
    const [from, to] = [query.get('from'), query.get('to')]
    const found = api.records.filter((record) => {
      const at = Date.parse(record.at as string)
      if (parent !== undefined && record.parent !== parent) return false
      if (from !== null && at < Date.parse(from)) return false
      if (to === null) return true
      return api.inclusiveEnd ? at <= Date.parse(to) : at < Date.parse(to)
    })
    const skip = Number(query.get('skip') ?? 0)
    if (api.cap !== undefined && skip > api.cap) {
      const error = `The skip you set is larger than the maximum skip for this resource (max_skip = ${api.cap}).`
      return reply(400, { error })
    }
    const end = skip + Number(query.get('limit') ?? 100)
    const body = { data: found.slice(skip, end), has_more: end < found.length }
    return reply(200, body, api.now ? { date: new Date(api.now).toUTCString() } : {})
  })
}

/** An endpoint that reads it in windows of a day. */
export function rangeEndpoint(more: object = {}, incremental: object = {}): object {
  return {
    name: 'events',
    path: '/events',
    data_selector: 'data',
    primary_key: 'id',
    pagination: { type: 'offset', limit: 4, limit_param: 'limit', offset_param: 'skip' },
    incremental: {
      cursor_path: 'at',
      param_name: 'from',
      end_param_name: 'to',
      window: { size: 'P1D' },
      ...incremental,
    },
    ...more,
  }
}

export function rangeSource(url: string, ...endpoints: object[]): object {
  return { base_url: url, auth: { type: 'none' }, retry: { max_attempts: 1 }, endpoints }
}
