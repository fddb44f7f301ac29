import type { WorldClock } from './clock.ts'
import { Collection, type Entry } from './collection.ts'
import type { EventLog } from './event-log.ts'
import type { Family } from './family.ts'
import type { Org } from './org.ts'
import { createRandom, type Random } from './random.ts'
import type { Settings } from './settings/settings.ts'
import type { Today } from './today.ts'

/** Ids of what hangs on a lead, in the order it came to it. */
export interface Children {
  readonly contacts: string[]
  readonly opportunities: string[]
  readonly tasks: string[]
  readonly activities: string[]
  readonly emailThreads: string[]
  readonly customObjects: string[]
  readonly subscriptions: string[]
  /** Of comments. */
  readonly threads: string[]
  readonly comments: string[]
}

export type ChildKind = keyof Children

export const CHILD_KINDS: readonly ChildKind[] = [
  'contacts',
  'opportunities',
  'tasks',
  'activities',
  'emailThreads',
  'customObjects',
  'subscriptions',
  'threads',
  'comments',
]

/** The data of one organization: what exists now, and the log of how it came about. */
export interface WorldData extends Readonly<Record<ChildKind, Collection>> {
  /** As it was when the data was made up; what has become of its settings since is in `settings`. */
  readonly org: Org
  readonly leads: Collection
  /** What exists once per organization, by the path of its list: `status/lead`. */
  readonly settings: Settings
  readonly events: EventLog
  readonly clock: WorldClock
  /** Makes the choices that a mutation leaves open. */
  readonly random: Random
  readonly seed: number
  /** How eventful a new lead is. */
  readonly liveliness: number
  /** What the younger kinds of objects of a new lead refer to; undefined in the first years, which had none. */
  today(): Today | undefined
  children(leadId: string): Children
  /** Puts a lead and all that hangs on it into the collections. */
  adopt(family: Family): void
  /** Takes a lead and all that hangs on it out of the collections. */
  abandon(leadId: string): void
}

/** The collections, still empty. */
export function createWorldData(
  org: Org,
  own: Pick<WorldData, 'seed' | 'liveliness' | 'clock' | 'events' | 'settings' | 'today'>,
): WorldData {
  const leads = new Collection()
  const kinds = ofEachKind(() => new Collection())
  const childrenOf = new Map<string, Children>()
  const children = (leadId: string): Children => childrenOf.get(leadId) ?? ofEachKind(() => [])
  return {
    org,
    leads,
    ...kinds,
    ...own,
    random: createRandom(own.seed, 'changes'),
    children,
    adopt: (family) => {
      const ids = children('')
      for (const kind of CHILD_KINDS) {
        for (const record of family[kind]) ids[kind].push(kinds[kind].add(record).id)
      }
      childrenOf.set(leads.add(family.lead).id, ids)
    },
    abandon: (leadId) => {
      for (const kind of CHILD_KINDS)
        for (const id of children(leadId)[kind]) kinds[kind].remove(id)
      childrenOf.delete(leadId)
      leads.remove(leadId)
    },
  }
}

function ofEachKind<T>(make: () => T): Record<ChildKind, T> {
  return {
    contacts: make(),
    opportunities: make(),
    tasks: make(),
    activities: make(),
    emailThreads: make(),
    customObjects: make(),
    subscriptions: make(),
    threads: make(),
    comments: make(),
  }
}

/** The records of what hangs on a lead. */
export function childRecords(world: WorldData, kind: ChildKind, leadId: string): Entry[] {
  return world.children(leadId)[kind].flatMap((id) => world[kind].get(id) ?? [])
}
