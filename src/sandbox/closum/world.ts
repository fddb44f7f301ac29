import { createWorldClock } from '../data/clock.ts'
import { createRandom } from '../data/random.ts'
import { DATA_ENDS_AT } from '../data/world.ts'
import type { WorldSettings } from '../sandbox-api.ts'
import { addDraft, createAccount, type Account } from './account.ts'
import { draftEmail, draftLead, draftPhone } from './lead.ts'
import { createMutations, type ClosumMutations } from './mutations.ts'
import { CITIES } from './words.ts'

/** One account's made-up data and what can happen to it. */
export interface ClosumWorld extends Account, ClosumMutations {
  /** How many rows of each kind there are. */
  counts(): Readonly<Record<string, number>>
}

/** After so many leads there are an email and a phone that belong to none. */
const LOOSE_EVERY = 10

/** Makes up an account. The same settings give the same ids, times and values on any machine. */
export function createClosumWorld(settings: WorldSettings): ClosumWorld {
  const { leads: count, seed, endsAt = DATA_ENDS_AT, now } = settings
  const account = createAccount(createWorldClock(endsAt, createRandom(seed, 'clock'), now), seed)
  const { leads, cities, emails, phones } = account
  for (const city of CITIES) cities.put(city)
  for (let i = 0; i < count; i++) {
    // Every lead has a stream of its own, so that the first hundred of many leads are the hundred of few.
    const random = createRandom(seed, 'closum lead', i)
    addDraft(account, draftLead(random, i, endsAt))
    if (i % LOOSE_EVERY === 0) {
      emails.add({ ...draftEmail(random, i, endsAt), email: `loose${i}@mail.example` })
      phones.add(draftPhone(random, endsAt))
    }
  }
  return {
    ...account,
    ...createMutations(account),
    counts: () => ({
      leads: leads.size,
      cities: cities.size,
      emails: emails.size,
      phones: phones.size,
    }),
  }
}
