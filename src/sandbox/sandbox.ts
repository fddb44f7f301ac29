import { SluiceError, messageOf } from '../core/errors.ts'
import { SANDBOX_APIS, SANDBOX_SOURCES, type SandboxSourceName } from './apis.ts'
import { createRandom } from './data/random.ts'
import { ADMIN_PREFIX, createAdmin, type SandboxWorld } from './server/admin.ts'
import { createDrift, type Drift, type DriftOptions } from './server/drift.ts'
import { createFaults, type FaultOptions, type Faults } from './server/faults.ts'
import type { SandboxApi } from './sandbox-api.ts'
import type { ApiRequest } from './server/http.ts'
import { createRequestLog, type RequestLog } from './server/request-log.ts'
import { serve, type Served } from './server/serve.ts'

export { SANDBOX_SOURCES, type SandboxSourceName } from './apis.ts'
export { FAULT_KINDS, type FaultKind } from './server/fault-kinds.ts'
export type { FaultOptions } from './server/faults.ts'
export type { DriftOptions } from './server/drift.ts'

/** What can be chosen for one source only: `close: { maxSkip: 1000 }`. */
type OwnOptions = {
  readonly [N in SandboxSourceName]?: Parameters<(typeof SANDBOX_APIS)[N]['createHandler']>[2]
}

export interface SandboxOptions<
  Name extends SandboxSourceName = SandboxSourceName,
> extends OwnOptions {
  /** The APIs to stand in for; each gets a server and data of its own. */
  readonly sources: readonly Name[]
  /** Default 200. */
  readonly leads?: number
  /** What the data is made up from; default 1. The same number of leads and seed give the same data anywhere. */
  readonly seed?: number
  /** Requests per second that each key may make in each group of endpoints; default: as many as come. */
  readonly rps?: number
  /** How long every answer takes at least; default 0. */
  readonly latencyMs?: number
  /**
   * The share of requests that meet a fault, or more about them; default: none do. The same requests in the same order
   * meet the same faults in every run, and one that is repeated gets through at the fourth time.
   */
  readonly faults?: number | FaultOptions
  /** Whether the data changes while lists of it are read, or more about that; default: it doesn't. */
  readonly drift?: boolean | DriftOptions
  /** The first server's port, the others get the ones after it; default: any free ones. */
  readonly port?: number
  /** Default `sandbox_key`. */
  readonly apiKey?: string
  /** When the data ends, in milliseconds since the epoch; default 2025-06-30 12:00 UTC. */
  readonly endsAt?: number
  /**
   * Milliseconds since the epoch: when changes happen, budgets are refilled and cursors expire. Default: changes happen at
   * times of the data's own, the same in every run, the rest by the system's clock.
   */
  readonly now?: () => number
}

type WorldOf<Name extends SandboxSourceName> = ReturnType<
  (typeof SANDBOX_APIS)[Name]['createWorld']
>

export interface SandboxSource<Name extends SandboxSourceName = SandboxSourceName> {
  /** The `base_url` to configure: `http://127.0.0.1:1234/api/v1/`. */
  readonly url: string
  /** `http://127.0.0.1:1234`; `/_sandbox/state` and the like are below it. */
  readonly origin: string
  readonly requests: RequestLog
  readonly faults: Faults
  readonly drift: Drift
  /** The environment variables that the shipped source needs to read from it: `CLOSE_BASE_URL`, `CLOSE_API_KEY`. */
  readonly env: Readonly<Record<string, string>>
  /** The data and what can happen to it. */
  readonly world: WorldOf<Name>
}

export interface Sandbox<Name extends SandboxSourceName = SandboxSourceName> {
  readonly sources: { readonly [N in Name]: SandboxSource<N> }
  stop(): Promise<void>
}

const DEFAULT_LEADS = 200
export const DEFAULT_API_KEY = 'sandbox_key'

/**
 * Starts local servers that answer as the real APIs do, with made-up data.
 *
 * @throws SluiceError USAGE for an unknown source, bad options, or a port that can't be had; nothing is left running
 */
export async function startSandbox<Name extends SandboxSourceName>(
  options: SandboxOptions<Name>,
): Promise<Sandbox<Name>> {
  const sources: Partial<Record<SandboxSourceName, object>> = {}
  const served: Served[] = []
  const stop = async () => {
    await Promise.all(served.splice(0).map((server) => server.stop()))
  }
  try {
    for (const name of new Set(options.sources)) {
      const started = await startSource(name, options, served.length)
      served.push(started.server)
      sources[name] = started.source
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { sources: sources as unknown as Sandbox<Name>['sources'], stop }
}

async function startSource(name: SandboxSourceName, options: SandboxOptions, index: number) {
  if (!Object.hasOwn(SANDBOX_APIS, name)) {
    throw new SluiceError('USAGE', `sandbox: there is no source "${name as string}"`, {
      hint: `choose from ${SANDBOX_SOURCES.join(', ')}`,
    })
  }
  const api: SandboxApi<SandboxWorld, object> = SANDBOX_APIS[name]
  const { leads = DEFAULT_LEADS, seed = 1, rps, endsAt, now } = options
  const world = api.createWorld({ leads, seed, endsAt, now })
  const { apiKey = DEFAULT_API_KEY } = options
  const settings = { apiKey, rps, now: now ?? Date.now }
  const handle = api.createHandler(world, settings, { ...options[name] })
  const requests = createRequestLog()
  const faults = checked(() => createFaults(createRandom(seed, 'faults', name), options.faults))
  const drift = checked(() => createDrift(world, options.drift))
  const administer = createAdmin({ world, requests, faults, drift })
  const answer = (request: ApiRequest) => {
    const reply = handle(request)
    drift.follow(reply)
    return reply
  }
  const server = await serve(
    (request) => {
      if (request.path.startsWith(ADMIN_PREFIX)) return administer(request)
      const { reply, fault } = faults.answer(request, () => answer(request))
      const outcome = { status: reply.status, ...(fault && { fault }), at: settings.now() }
      requests.add({ ...loggedPart(request), ...outcome })
      return reply
    },
    { port: options.port ? options.port + index : 0, latencyMs: options.latencyMs ?? 0 },
  )
  const { origin } = server
  const url = origin + api.basePath
  const env = { [`${name.toUpperCase()}_BASE_URL`]: url, ...api.credentials(apiKey) }
  return { server, source: { url, origin, requests, faults, drift, env, world } }
}

function checked<T>(create: () => T): T {
  try {
    return create()
  } catch (cause) {
    throw new SluiceError('USAGE', `sandbox: ${messageOf(cause)}`, { cause })
  }
}

/** As the body of a login does. */
const HOLDS_SECRET = /"\w*(?:password|secret|token|_pw)\w*"\s*:/i

function loggedPart({ method, path, query, rawQuery, body, headers }: ApiRequest) {
  const isJson = headers['content-type']?.startsWith('application/json') ?? false
  return {
    method,
    path,
    rawQuery,
    query: Object.fromEntries(query),
    body: isJson && body !== '' && !HOLDS_SECRET.test(body) ? body : null,
  }
}
