import { messageOf } from '../../core/errors.ts'
import { isRecord, parseJson, type JsonRecord } from '../../core/json.ts'
import type { ChangingWorld, Drift } from './drift.ts'
import type { Faults } from './faults.ts'
import { jsonReply, type ApiRequest, type Reply } from './http.ts'
import type { RequestLog } from './request-log.ts'

/** What a made-up world offers to whoever runs the sandbox, whatever API is in front of it. */
export interface SandboxWorld extends ChangingWorld {
  counts(): Readonly<Record<string, number>>
  readonly clock: { now(): number }
}

export const ADMIN_PREFIX = '/_sandbox/'

/** What can be seen and changed from outside while a source is served. */
export interface Administered {
  readonly world: SandboxWorld
  readonly requests: RequestLog
  readonly faults: Faults
  readonly drift: Drift
}

/**
 * The endpoints that no real API has: `POST /_sandbox/mutate` (`{"edits": 3, "adds": 1, "deletes": 1, "seed": 7}`),
 * `POST /_sandbox/faults` (`{"rate": 0.2, "kinds": ["reset"]}`), `POST /_sandbox/drift` (`{"every": 0}`), `GET /_sandbox/requests`
 * and `GET /_sandbox/state`. They need no credentials, are not in the request log and meet no faults.
 */
export function createAdmin(administered: Administered): (request: ApiRequest) => Reply {
  const { world, requests, faults, drift } = administered
  const faultsNow = () => ({ ...faults.settings, counts: faults.counts })
  const driftNow = () => ({ ...drift.settings, counts: drift.counts })
  return ({ method, path, body }) => {
    switch (`${method} ${path.slice(ADMIN_PREFIX.length).replace(/\/$/, '')}`) {
      case 'POST mutate':
        return obey(body, (options) => {
          if (!isCounts(options))
            throw new RangeError('expected an object of non-negative integers')
          return world.mutate(options)
        })
      case 'POST faults':
        return obey(body, (options) => {
          faults.set(options)
          return faultsNow()
        })
      case 'POST drift':
        return obey(body, (options) => {
          drift.set(options)
          return driftNow()
        })
      case 'GET requests':
        return jsonReply({ total: requests.total, requests: requests.entries })
      case 'GET state':
        return jsonReply({
          now: new Date(world.clock.now()).toISOString(),
          counts: world.counts(),
          requests: requests.total,
          faults: faultsNow(),
          drift: driftNow(),
        })
      default:
        return jsonReply({ error: `no ${method} ${path}: ${ENDPOINTS} are here` }, 404)
    }
  }
}

const ENDPOINTS = 'POST mutate, POST faults, POST drift, GET requests and GET state'

/** Does what a body asks for and answers with the outcome; 400 says what is wrong with it. */
function obey(body: string, act: (options: JsonRecord) => unknown): Reply {
  try {
    const options = body === '' ? {} : parseJson(body).value
    if (!isRecord(options)) throw new RangeError('expected a JSON object')
    return jsonReply(act(options))
  } catch (error) {
    return jsonReply({ error: messageOf(error) }, 400)
  }
}

function isCounts(value: JsonRecord): value is JsonRecord & Record<string, number> {
  return Object.values(value).every((count) => Number.isSafeInteger(count) && Number(count) >= 0)
}
