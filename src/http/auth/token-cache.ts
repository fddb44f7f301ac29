import type { Clock } from '../../core/clock.ts'

/** A token that was obtained from the API. */
export interface Token {
  readonly value: string
  /** Milliseconds that it is valid for; null when nobody said. */
  readonly lifetimeMs: number | null
}

/** Holds one token in memory, and obtains it once however many requests ask for it. */
export interface TokenCache {
  get(signal?: AbortSignal): Promise<string>
  /** A token other than the rejected one: one that came in the meantime, or a new one. */
  replace(rejected: string, signal?: AbortSignal): Promise<string>
  /** Every token there ever was: an old one may still be valid. */
  all(): readonly string[]
}

/** Part of its lifetime after which a token is replaced before it can expire under way. */
const USED_PART = 0.9

export function createTokenCache(
  clock: Clock,
  obtain: (signal: AbortSignal | undefined) => Promise<Token>,
): TokenCache {
  const all = new Set<string>()
  let current: { readonly value: string; readonly staleAt: number } | undefined
  let pending:
    { readonly token: Promise<string>; readonly signal?: AbortSignal | undefined } | undefined

  async function fetchToken(signal: AbortSignal | undefined): Promise<string> {
    const { value, lifetimeMs } = await obtain(signal)
    all.add(value)
    const lifetime = lifetimeMs === null ? Number.POSITIVE_INFINITY : lifetimeMs * USED_PART
    current = { value, staleAt: clock.now() + lifetime }
    return value
  }

  async function obtainOnce(signal: AbortSignal | undefined): Promise<string> {
    pending ??= {
      token: fetchToken(signal).finally(() => (pending = undefined)),
      signal,
    }
    const { token, signal: starter } = pending
    try {
      return await token
    } catch (error) {
      // Who started it gave up; that is no reason for the others to.
      if (starter?.aborted && !signal?.aborted && starter !== signal) return obtainOnce(signal)
      throw error
    }
  }

  return {
    get: async (signal) =>
      !pending && current && clock.now() < current.staleAt ? current.value : obtainOnce(signal),
    replace: async (rejected, signal) =>
      !pending && current && current.value !== rejected ? current.value : obtainOnce(signal),
    all: () => [...all],
  }
}

/** Milliseconds a JWT is valid for by its own claims; null for any other token, and for one that has expired. */
export function jwtLifetime(token: string, now: number): number | null {
  const [, payload = ''] = token.split('.')
  let claims: { exp?: unknown; iat?: unknown } | null
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as typeof claims
  } catch {
    return null
  }
  if (typeof claims?.exp !== 'number') return null
  // Measured from the server's own clock where it is told, as ours may differ.
  const issued = typeof claims.iat === 'number' ? claims.iat * 1000 : now
  const lifetime = claims.exp * 1000 - issued
  return lifetime > 0 ? lifetime : null
}
