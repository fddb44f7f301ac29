import { messageOf } from '../../core/errors.ts'
import { isRecord, parseJson, type JsonRecord } from '../../core/json.ts'
import { jsonReply, type ApiRequest, type Reply } from './http.ts'
import type { RequestLog } from './request-log.ts'

/** What a made-up world offers to whoever runs the sandbox, whatever API is in front of it. */
export interface SandboxWorld {
  counts(): Readonly<Record<string, number>>
  /** Makes so many changes of each kind; see the world's own `mutate`. */
  mutate(counts: Readonly<Record<string, number>>): unknown
  readonly clock: { now(): number }
}

export const ADMIN_PREFIX = '/_sandbox/'

/**
 * The endpoints that no real API has: `POST /_sandbox/mutate` (`{"edits": 3, "adds": 1, "deletes": 1, "seed": 7}`),
 * `GET /_sandbox/requests` and `GET /_sandbox/state`. They need no credentials and are not in the request log.
 */
export function createAdmin(
  world: SandboxWorld,
  requests: RequestLog,
): (request: ApiRequest) => Reply {
  return ({ method, path, body }) => {
    switch (`${method} ${path.slice(ADMIN_PREFIX.length).replace(/\/$/, '')}`) {
      case 'POST mutate':
        return mutate(world, body)
      case 'GET requests':
        return jsonReply({ total: requests.total, requests: requests.entries })
      case 'GET state':
        return jsonReply({
          now: new Date(world.clock.now()).toISOString(),
          counts: world.counts(),
          requests: requests.total,
        })
      default:
        return jsonReply(
          { error: `no ${method} ${path}: POST mutate, GET requests and GET state are here` },
          404,
        )
    }
  }
}

function mutate(world: SandboxWorld, body: string): Reply {
  try {
    const counts = body === '' ? {} : parseJson(body).value
    if (!isCounts(counts)) throw new RangeError('expected an object of non-negative integers')
    return jsonReply(world.mutate(counts))
  } catch (error) {
    return jsonReply({ error: messageOf(error) }, 400)
  }
}

function isCounts(value: unknown): value is JsonRecord & Record<string, number> {
  return (
    isRecord(value) &&
    Object.values(value).every((count) => Number.isSafeInteger(count) && Number(count) >= 0)
  )
}
