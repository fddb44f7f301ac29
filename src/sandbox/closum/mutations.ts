import { createRandom, type Random } from '../data/random.ts'
import { addDraft, type Account } from './account.ts'
import { customData, draftLead } from './lead.ts'
import type { Email, Lead, Phone } from './rows.ts'
import type { Table } from './table.ts'

/** How many changes of each kind; all default to 0. */
export interface ClosumMutationCounts {
  /** Leads edited, each once, with the phone and the email that belong to them. */
  readonly edits?: number
  readonly adds?: number
  readonly deletes?: number
  /** Which leads are chosen; default: others every time, the same in every run. */
  readonly seed?: number
}

/** The ids of the leads that a batch of changes was made to. */
export interface ClosumMutation {
  readonly edited: readonly number[]
  readonly added: readonly number[]
  readonly deleted: readonly number[]
}

/** A lead and what belongs to it, as they were when they were deleted. */
export interface DeletedLead {
  readonly lead: Lead
  readonly phone: Phone | null
  readonly email: Email | null
}

/**
 * What can happen in an account. No change leaves a date behind: Closum tells when something was created, never when
 * it was changed. Each throws RangeError for an id that does not exist.
 */
export interface ClosumMutations {
  /** Changes a lead (default: its `custom_data`, whether its phone is valid, the status of its email). */
  editLead(id: number, changes?: Partial<Omit<Lead, 'id'>>): Lead
  /** Adds a lead with a phone and an email, or without. */
  addLead(fields?: Partial<Omit<Lead, 'id'>>): Lead
  /** Deletes a lead, its phone and its email. */
  deleteLead(id: number): DeletedLead
  /** Puts back what was deleted, under the same ids. */
  restoreLead(deleted: DeletedLead): void
  /** Makes a number of changes of each kind, chosen by `seed`. */
  mutate(counts: ClosumMutationCounts): ClosumMutation
}

const KINDS: ReadonlySet<string> = new Set([
  'edits',
  'adds',
  'deletes',
  'seed',
] satisfies (keyof ClosumMutationCounts)[])

export function createMutations(account: Account): ClosumMutations {
  const { leads, phones, emails, clock, seed } = account
  const random = createRandom(seed, 'closum changes')

  const editLead: ClosumMutations['editLead'] = (id, changes) => {
    const lead = leads.require(id)
    clock.tick()
    if (changes) return leads.put({ ...lead, ...changes })
    change(phones, lead.phone_id, ({ is_valid }) => ({ is_valid: !is_valid }))
    change(emails, lead.email_id, ({ status }) => ({ status: status + 1 }))
    return leads.put({ ...lead, custom_data: otherThan(lead.custom_data, random) })
  }

  const addLead: ClosumMutations['addLead'] = (fields = {}) => {
    const at = clock.tick()
    const index = leads.rows().at(-1)?.id ?? 0
    const { lead, ...own } = draftLead(createRandom(seed, 'closum added', at), index, at)
    return addDraft(account, { lead: { ...lead, ...fields }, ...own })
  }

  const deleteLead: ClosumMutations['deleteLead'] = (id) => {
    const lead = leads.remove(id)
    clock.tick()
    return {
      lead,
      phone: lead.phone_id === null ? null : phones.remove(lead.phone_id),
      email: lead.email_id === null ? null : emails.remove(lead.email_id),
    }
  }

  const restoreLead: ClosumMutations['restoreLead'] = ({ lead, phone, email }) => {
    clock.tick()
    leads.put(lead)
    if (phone) phones.put(phone)
    if (email) emails.put(email)
  }

  const mutate: ClosumMutations['mutate'] = (counts) => {
    for (const kind of Object.keys(counts)) {
      if (!KINDS.has(kind))
        throw new RangeError(`no change is called ${kind}: ${[...KINDS].join(', ')}`)
    }
    const { edits = 0, adds = 0, deletes = 0, seed: batch } = counts
    // Chosen before anything changes: an edited lead is not deleted by the same batch.
    const choices = batch === undefined ? random : createRandom(seed, 'closum batch', batch)
    const chosen = chooseIds(choices, leads, edits + deletes)
    const [edited, deleted] = [chosen.slice(0, edits), chosen.slice(edits)]
    for (const id of edited) editLead(id)
    for (const id of deleted) deleteLead(id)
    return { edited, added: Array.from({ length: adds }, () => addLead().id), deleted }
  }

  return { editLead, addLead, deleteLead, restoreLead, mutate }
}

function change<Row extends { readonly id: number }>(
  table: Table<Row>,
  id: number | null,
  changes: (row: Row) => Partial<Row>,
): void {
  const row = id === null ? undefined : table.get(id)
  if (row) table.put({ ...row, ...changes(row) })
}

/** Different ids: as many as asked for, or as there are. */
function chooseIds(random: Random, leads: Table<Lead>, count: number): number[] {
  const ids = leads.rows().map(({ id }) => id)
  const chosen: number[] = []
  while (chosen.length < count && ids.length > 0) {
    chosen.push(...ids.splice(random.int(ids.length), 1))
  }
  return chosen
}

/** An edit that changes nothing would prove nothing. */
function otherThan(current: string | null, random: Random): string | null {
  const next = customData(random)
  return next === current ? '{"origem":"edited"}' : next
}
