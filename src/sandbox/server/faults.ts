import type { Random } from '../data/random.ts'
import { FAULTS, FAULT_KINDS, type Fault, type FaultKind } from './fault-kinds.ts'
import { jsonReply, type ApiRequest, type Reply } from './http.ts'
import { refuseUnknownKeys } from './options.ts'

/** How often requests go wrong, and in which ways. What is left out has its default. */
export interface FaultOptions {
  /** The share of requests that meet a fault, from 0 (none) to 1; default 0.1. */
  readonly rate?: number
  /** The kinds, all equally likely, or how likely each is beside the others: `{ reset: 3, slow: 1 }`. Default: all. */
  readonly kinds?: readonly FaultKind[] | Readonly<Partial<Record<FaultKind, number>>>
  /** How much longer a slow answer takes; default 2000. */
  readonly slowMs?: number
}

export interface FaultSettings {
  readonly rate: number
  /** How likely each kind is beside the others; never empty. */
  readonly kinds: Readonly<Partial<Record<FaultKind, number>>>
  readonly slowMs: number
}

/** Lets requests go wrong, in a sequence that is the same in every run. */
export interface Faults {
  readonly settings: FaultSettings
  /** How many requests met each kind so far. */
  readonly counts: Readonly<Partial<Record<FaultKind, number>>>
  /**
   * Changes the settings; the sequence goes on.
   *
   * @throws RangeError for what can't be
   */
  set(options: number | FaultOptions): void
  /** Answers a request: as usual, or with the fault that it meets. */
  answer(
    request: ApiRequest,
    usual: () => Reply,
  ): { readonly reply: Reply; readonly fault: FaultKind | null }
}

/** A request that is repeated this often meets no more faults: whoever retries gets through. */
const MOST_IN_A_ROW = 3

const DEFAULT_RATE = 0.1
const DEFAULT_SLOW_MS = 2000

/** Starts a sequence of faults; `random` belongs to it alone. Throws RangeError for options that can't be. */
export function createFaults(random: Random, options: number | FaultOptions = 0): Faults {
  let settings = faultSettings(options)
  const counts: Partial<Record<FaultKind, number>> = {}
  /** How many faults in a row each request met that has not got through yet. */
  const streaks = new Map<string, number>()

  function next({ method, path, rawQuery, body }: ApiRequest): FaultKind | null {
    const meets = random.chance(settings.rate)
    const kind = pick(settings.kinds, random.next())
    // Searches share one path: the body says which page is asked for.
    const key = `${method} ${path}?${rawQuery} ${body}`
    const streak = streaks.get(key) ?? 0
    if (!meets || streak >= MOST_IN_A_ROW) {
      streaks.delete(key)
      return null
    }
    streaks.set(key, streak + 1)
    return kind
  }

  return {
    get settings() {
      return settings
    },
    counts,
    set: (changed) => void (settings = faultSettings(changed)),
    answer: (request, usual) => {
      const kind = next(request)
      if (kind === null) return { reply: usual(), fault: null }
      counts[kind] = (counts[kind] ?? 0) + 1
      // A refresh token works once: were it spent on an answer that is lost, no repetition would get through.
      const lost = isForm(request) && kind !== 'slow'
      const fault: Fault = FAULTS[kind]
      return { reply: fault(lost ? () => UNSPENT : usual, settings), fault: kind }
    },
  }
}

/** What is sent in part instead of an answer that uses up a refresh token. */
const UNSPENT = jsonReply({ access_token: 'lost', token_type: 'Bearer', expires_in: 3600 })

function isForm({ headers }: ApiRequest): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
}

function pick(kinds: FaultSettings['kinds'], at: number): FaultKind {
  const weights = Object.entries(kinds) as [FaultKind, number][]
  let left = at * weights.reduce((sum, [, weight]) => sum + weight, 0)
  const [kind] = weights.find(([, weight]) => (left -= weight) < 0) ?? weights.at(-1)!
  return kind
}

/** Every option with its default, checked: they come from JSON, too. */
function faultSettings(options: number | FaultOptions): FaultSettings {
  if (typeof options === 'number') return faultSettings({ rate: options })
  refuseUnknownKeys(options, ['rate', 'kinds', 'slowMs'])
  const { rate = DEFAULT_RATE, kinds = FAULT_KINDS, slowMs = DEFAULT_SLOW_MS } = options
  if (!isAmount(rate) || rate > 1) {
    throw new RangeError(`expected a rate of faults from 0 to 1, received ${String(rate)}`)
  }
  if (!isAmount(slowMs)) {
    throw new RangeError(`expected slowMs of at least 0, received ${String(slowMs)}`)
  }
  return { rate, kinds: weightsOf(kinds), slowMs }
}

function weightsOf(kinds: NonNullable<FaultOptions['kinds']>): FaultSettings['kinds'] {
  if (typeof kinds !== 'object' || (kinds as unknown) === null) {
    throw new RangeError(`expected kinds of faults, received ${JSON.stringify(kinds)}`)
  }
  const entries: [unknown, unknown][] = Array.isArray(kinds)
    ? kinds.map((kind: unknown) => [kind, 1])
    : Object.entries(kinds)
  for (const [kind, weight] of entries) {
    if (!FAULT_KINDS.some((known) => known === kind)) {
      throw new RangeError(`no fault is called ${String(kind)}: ${FAULT_KINDS.join(', ')}`)
    }
    if (!isAmount(weight)) {
      throw new RangeError(`expected how likely ${String(kind)} is, received ${String(weight)}`)
    }
  }
  const likely = entries.filter(([, weight]) => weight !== 0)
  if (likely.length === 0) throw new RangeError('expected at least one kind of fault')
  return Object.fromEntries(likely) as FaultSettings['kinds']
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
