import type { SandboxWorld } from './server/admin.ts'
import type { ApiRequest, Reply } from './server/http.ts'

export interface WorldSettings {
  readonly leads: number
  readonly seed: number
  readonly endsAt?: number | undefined
  readonly now?: (() => number) | undefined
}

export interface ApiSettings {
  readonly apiKey: string
  /** Requests per second and key in each group of endpoints; undefined: as many as come. */
  readonly rps: number | undefined
  /** Milliseconds; what budgets are refilled and cursors expire by. */
  readonly now: () => number
}

/**
 * One API that the sandbox can stand in for: the data behind it and how it answers. Another API is another object of
 * this shape and a line in `apis.ts`.
 */
export interface SandboxApi<World extends SandboxWorld, Options> {
  /** What follows the origin in the base URL to configure. */
  readonly basePath: string
  /** The environment variables that the shipped source takes its credentials from, by the key that clients may use. */
  credentials(apiKey: string): Readonly<Record<string, string>>
  createWorld(settings: WorldSettings): World
  createHandler(
    world: World,
    settings: ApiSettings,
    options: Options,
  ): (request: ApiRequest) => Reply
}
