import type { JsonValue } from '../../core/json.ts'
import { createRandom } from '../data/random.ts'
import type { ChildKind, WorldData } from '../data/world-data.ts'
import { chooseIds, isChangeable } from './choose.ts'
import type { SingleMutations } from './mutations.ts'
import type { PlainSetting } from './settings.ts'

/** How many changes of each kind; all default to 0. */
export interface MutationCounts {
  /** Leads edited, each once. */
  readonly edits?: number
  readonly adds?: number
  readonly deletes?: number
  /** Leads merged away. */
  readonly merges?: number
  /** Leads edited by one bulk edit, all in the same millisecond. */
  readonly touches?: number
  readonly activities?: number
  readonly activityEdits?: number
  readonly activityDeletes?: number
  /** Emails that were sent years ago and are synced now. */
  readonly oldEmails?: number
  readonly comments?: number
  readonly contactEdits?: number
  readonly contactDeletes?: number
  readonly opportunityEdits?: number
  readonly opportunityDeletes?: number
  readonly tasksCompleted?: number
  readonly taskDeletes?: number
  readonly subscriptions?: number
  readonly customObjects?: number
  readonly customObjectEdits?: number
  readonly customObjectDeletes?: number
  /** Custom fields. */
  readonly fieldRenames?: number
  readonly fieldAdds?: number
  readonly fieldWidenings?: number
  readonly fieldDeletes?: number
  /** Records of settings: templates, statuses and the like. */
  readonly settingAdds?: number
  readonly settingEdits?: number
  readonly settingDeletes?: number
  /** Users who leave. */
  readonly leavers?: number
  /** Which objects are chosen; default: others every time, the same in every run. */
  readonly seed?: number
}

/** The ids of the objects that a batch of changes was made to; `merged` are the leads that are gone. */
export interface Mutation {
  readonly edited: readonly string[]
  readonly added: readonly string[]
  readonly deleted: readonly string[]
  readonly merged: readonly string[]
  readonly touched: readonly string[]
  readonly activities: readonly string[]
  readonly activitiesEdited: readonly string[]
  readonly activitiesDeleted: readonly string[]
  readonly oldEmails: readonly string[]
  readonly comments: readonly string[]
  readonly contacts: readonly string[]
  readonly contactsDeleted: readonly string[]
  readonly opportunities: readonly string[]
  readonly opportunitiesDeleted: readonly string[]
  readonly tasks: readonly string[]
  readonly tasksDeleted: readonly string[]
  readonly subscriptions: readonly string[]
  readonly customObjects: readonly string[]
  readonly customObjectsEdited: readonly string[]
  readonly customObjectsDeleted: readonly string[]
  readonly fieldsRenamed: readonly string[]
  readonly fieldsAdded: readonly string[]
  readonly fieldsWidened: readonly string[]
  readonly fieldsDeleted: readonly string[]
  readonly settingsAdded: readonly string[]
  readonly settingsEdited: readonly string[]
  readonly settingsDeleted: readonly string[]
  /** Memberships that are no longer active. */
  readonly left: readonly string[]
}

const KINDS: Readonly<Record<keyof MutationCounts, true>> = {
  edits: true,
  adds: true,
  deletes: true,
  merges: true,
  touches: true,
  activities: true,
  activityEdits: true,
  activityDeletes: true,
  oldEmails: true,
  comments: true,
  contactEdits: true,
  contactDeletes: true,
  opportunityEdits: true,
  opportunityDeletes: true,
  tasksCompleted: true,
  taskDeletes: true,
  subscriptions: true,
  customObjects: true,
  customObjectEdits: true,
  customObjectDeletes: true,
  fieldRenames: true,
  fieldAdds: true,
  fieldWidenings: true,
  fieldDeletes: true,
  settingAdds: true,
  settingEdits: true,
  settingDeletes: true,
  leavers: true,
  seed: true,
}

/** Every fourth lead is edited in the very millisecond of the one before. */
const TIE_EVERY = 4

/** The settings that a batch changes, in turn; all have names and are referred to by nothing else. */
const CHANGING_SETTINGS: readonly PlainSetting[] = [
  'email_template',
  'saved_search',
  'sms_template',
  'group',
  'blocked_phone_number',
  'outcome',
]

export function mutateAtRandom(
  data: WorldData,
  change: SingleMutations,
  counts: MutationCounts,
): Mutation {
  for (const kind of Object.keys(counts)) {
    if (!Object.hasOwn(KINDS, kind)) {
      throw new RangeError(`no change is called ${kind}: ${Object.keys(KINDS).join(', ')}`)
    }
  }
  const { edits = 0, adds = 0, deletes = 0, merges = 0, seed } = counts
  const random = seed === undefined ? data.random : createRandom(data.seed, 'batch', seed)
  const idOf = (record: { id?: JsonValue }) => record.id as string
  const repeat = (count: number | undefined, make: (i: number) => { id?: JsonValue }) =>
    Array.from({ length: count ?? 0 }, (_, i) => idOf(make(i)))
  const each = (
    kind: ChildKind | 'leads',
    count: number | undefined,
    make: (id: string) => { id?: JsonValue },
  ) => {
    const fits = kind === 'activities' ? isChangeable : undefined
    return chooseIds(random, data[kind], count ?? 0, fits).map((id) => idOf(make(id)))
  }
  const settingAt = (i: number) => CHANGING_SETTINGS[i % CHANGING_SETTINGS.length]!

  // Chosen before anything changes: an edited lead is not deleted by the same batch.
  const chosen = chooseIds(random, data.leads, edits + deletes + 2 * merges)
  const edited = chosen.slice(0, edits)
  const deleted = chosen.slice(edits, edits + deletes)
  const pairs = chosen.slice(edits + deletes)
  let at = 0
  for (const [i, id] of edited.entries()) {
    if (i % TIE_EVERY !== TIE_EVERY - 1) at = data.clock.tick()
    change.editLead(id, undefined, at)
  }
  const added = repeat(adds, () => change.addLead())
  for (const id of deleted) change.deleteLead(id)
  const merged: string[] = []
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    change.mergeLeads(pairs[i], pairs[i + 1])
    merged.push(pairs[i]!)
  }
  return {
    edited,
    added,
    deleted,
    merged,
    activities: each('leads', counts.activities, (id) => change.addActivity(id)),
    activitiesEdited: each('activities', counts.activityEdits, (id) => change.editActivity(id)),
    contacts: each('contacts', counts.contactEdits, (id) => change.editContact(id)),
    opportunities: each('opportunities', counts.opportunityEdits, (id) =>
      change.editOpportunity(id),
    ),
    tasks: each('tasks', counts.tasksCompleted, (id) => change.completeTask(id)),
    touched: counts.touches ? change.touchLeads(counts.touches) : [],
    oldEmails: each('leads', counts.oldEmails, (id) => change.syncOldEmail(id)),
    comments: repeat(counts.comments, () => change.addComment()),
    subscriptions: each('contacts', counts.subscriptions, (id) => change.subscribe(id)),
    customObjects: each('leads', counts.customObjects, (id) => change.addCustomObject(id)),
    customObjectsEdited: each('customObjects', counts.customObjectEdits, (id) =>
      change.editCustomObject(id),
    ),
    activitiesDeleted: each('activities', counts.activityDeletes, (id) =>
      change.deleteActivity(id),
    ),
    contactsDeleted: each('contacts', counts.contactDeletes, (id) => change.deleteContact(id)),
    opportunitiesDeleted: each('opportunities', counts.opportunityDeletes, (id) =>
      change.deleteOpportunity(id),
    ),
    tasksDeleted: each('tasks', counts.taskDeletes, (id) => change.deleteTask(id)),
    customObjectsDeleted: each('customObjects', counts.customObjectDeletes, (id) =>
      change.deleteCustomObject(id),
    ),
    fieldsRenamed: repeat(counts.fieldRenames, () => change.renameCustomField()),
    fieldsAdded: repeat(counts.fieldAdds, () => change.addCustomField()),
    fieldsWidened: repeat(counts.fieldWidenings, () => change.widenCustomField()),
    fieldsDeleted: repeat(counts.fieldDeletes, () => change.deleteCustomField()),
    settingsAdded: repeat(counts.settingAdds, (i) => change.addSetting(settingAt(i))),
    settingsEdited: repeat(counts.settingEdits, (i) => change.editSetting(settingAt(i))),
    settingsDeleted: repeat(counts.settingDeletes, (i) => change.deleteSetting(settingAt(i))),
    left: repeat(counts.leavers, () => change.removeUser()),
  }
}
