import type { WorldClock } from '../data/clock.ts'
import type { LeadDraft } from './lead.ts'
import type { City, Email, Lead, Phone } from './rows.ts'
import { Table } from './table.ts'

/** What one Closum account holds. */
export interface Account {
  readonly leads: Table<Lead>
  readonly cities: Table<City>
  readonly emails: Table<Email>
  readonly phones: Table<Phone>
  readonly clock: WorldClock
  readonly seed: number
}

/** An account that holds nothing yet. */
export function createAccount(clock: WorldClock, seed: number): Account {
  return {
    leads: new Table(),
    cities: new Table(),
    emails: new Table(),
    phones: new Table(),
    clock,
    seed,
  }
}

/** Adds a lead with its phone and email. */
export function addDraft({ leads, phones, emails }: Account, draft: LeadDraft): Lead {
  return leads.add({
    ...draft.lead,
    phone_id: draft.phone && phones.add(draft.phone).id,
    email_id: draft.email && emails.add(draft.email).id,
  })
}
