import type { JsonRecord } from '../../core/json.ts'
import type { Entry } from '../data/collection.ts'
import { draftOf } from '../data/draft.ts'
import type { FieldPath } from '../data/settings/fields.ts'
import type { SettingPath } from '../data/settings/settings.ts'
import { instant, naiveInstant } from '../data/times.ts'
import type { WorldData } from '../data/world-data.ts'
import { chooseIds, requireRecord } from './choose.ts'
import { conform } from './conform.ts'
import { previousValues } from './previous-values.ts'
import { changeStamps, type Recorder } from './recorder.ts'

/** Lists that have mutations of their own: users come and go as members, custom fields change records. */
type OwnWays = 'user' | 'membership' | FieldPath

/** What exists once per organization and is changed like any record. */
export type PlainSetting = Exclude<SettingPath, OwnWays>

export interface SettingMutations {
  /** Adds a record to a list of settings: a copy of the last one under another name, unless `fields` says otherwise. */
  addSetting(path: PlainSetting, fields?: JsonRecord): JsonRecord
  /** Changes a record (default: its name); statuses are relabelled in all records that have them, without a new date. */
  editSetting(path: PlainSetting, id?: string, changes?: JsonRecord): JsonRecord
  /** Deletes a record. Throws RangeError for one that others still refer to, as the service refuses. */
  deleteSetting(path: PlainSetting, id?: string): JsonRecord
  /** A user leaves: no longer in the list of users, a member among the inactive ones. Default: the last to come. */
  removeUser(id?: string): JsonRecord
}

const EVENT_TYPES: Readonly<Partial<Record<PlainSetting, string>>> = {
  'status/lead': 'status.lead',
  'status/opportunity': 'status.opportunity',
  custom_activity: 'custom_activity_type',
  custom_object_type: 'custom_object_type',
  group: 'group',
  saved_search: 'saved_search',
  phone_number: 'phone_number',
  email_template: 'email_template',
  sms_template: 'sms_template',
  sequence: 'sequence',
  'unsubscribe/email': 'unsubscribed_email',
  'bulk_action/email': 'bulk_action.email',
  'bulk_action/edit': 'bulk_action.edit',
  'bulk_action/delete': 'bulk_action.delete',
  'bulk_action/sequence_subscription': 'bulk_action.sequence_subscription',
}

/** Where a record says what it is called. */
const TITLES = ['name', 'label', 'reason', 'email'] as const

export function settingMutations(data: WorldData, recorder: Recorder): SettingMutations {
  const { org, settings, clock, random } = data
  const user = org.users[0]!
  const log = (path: PlainSetting, action: string, record: JsonRecord, at: number, more = {}) =>
    recorder.log(eventType(path, record), action, record, at, more)
  const choose = (path: PlainSetting): string => {
    const [id] = chooseIds(random, settings[path], 1)
    if (id === undefined) throw new RangeError(`nothing left in ${path}`)
    return id
  }
  return {
    addSetting: (path, fields = {}) => {
      const at = clock.tick()
      const model = settings[path].inOrder().at(-1)?.record
      if (!model) throw new RangeError(`nothing left in ${path} to copy`)
      const [prefix, digits] = splitId(model.id as string)
      const title = titleOf(model)
      const record = {
        ...model,
        id: random.id(prefix, digits),
        ...(title ? { [title]: `${model[title] as string} (new)` } : {}),
        ...creationDates(model, at),
        ...changeStamps(model, at, user),
        ...fields,
      }
      settings[path].add(draftOf(record))
      log(path, 'created', record, at)
      return record
    },
    editSetting: (path, id = choose(path), changes) => {
      const at = clock.tick()
      const before = requireRecord(settings[path], id)
      const full = { ...(changes ?? retitled(path, before)), ...changeStamps(before, at, user) }
      const after = settings[path].update(id, full)
      log(path, 'updated', after, at, { previous: previousValues(before, full) })
      if (path === 'status/lead' || path === 'status/opportunity') relabel(data, path, id)
      return after
    },
    deleteSetting: (path, id) => {
      const unused = settings[path].inOrder().filter((entry) => !isInUse(data, path, entry.id))
      const chosen = id ?? (unused.length > 0 ? random.pick(unused).id : choose(path))
      const at = clock.tick()
      const record = requireRecord(settings[path], chosen)
      if (isInUse(data, path, chosen)) throw new RangeError(`${path} ${chosen} is in use`)
      settings[path].remove(chosen)
      log(path, 'deleted', record, at, { previous: record })
      return record
    },
    removeUser: (id) => {
      const at = clock.tick()
      const chosen = id ?? settings.user.inOrder().at(-1)!.id
      // Whoever asks is still there: their key would no longer work.
      if (chosen === user.id) throw new RangeError(`user ${chosen} is who makes the changes`)
      requireRecord(settings.user, chosen)
      settings.user.remove(chosen)
      const membership = settings.membership
        .inOrder()
        .find(({ record }) => record.user_id === chosen)!
      const changes = { is_active: false, ...changeStamps(membership.record, at, user) }
      const after = settings.membership.update(membership.id, changes)
      recorder.log('membership', 'deactivated', after, at)
      return after
    },
  }
}

function eventType(path: PlainSetting, record: JsonRecord): string | null {
  if (path === 'export') return record.type === 'opps' ? 'export.opportunity' : 'export.lead'
  return EVENT_TYPES[path] ?? null
}

function titleOf(record: JsonRecord): string | undefined {
  return TITLES.find((field) => typeof record[field] === 'string')
}

function retitled(path: PlainSetting, record: JsonRecord): JsonRecord {
  const title = titleOf(record)
  if (!title) throw new RangeError(`say what to change: a record of ${path} has no name`)
  return { [title]: `${record[title] as string} (edited)` }
}

/** `stat_` and 43 digits: a new id looks like the others of its list. */
function splitId(id: string): [prefix: string, digits: number] {
  const at = id.lastIndexOf('_')
  return [id.slice(0, at), id.length - at - 1]
}

function creationDates(model: JsonRecord, at: number): JsonRecord {
  const { date_created: date } = model
  if (model.created_at !== undefined) return { created_at: instant(at) }
  if (typeof date !== 'string') return {}
  return { date_created: date.endsWith('+00:00') ? instant(at) : naiveInstant(at) }
}

/** What refers to a setting, by its path: the collection and the field. */
const USES: Readonly<
  Partial<
    Record<
      PlainSetting,
      readonly [
        'leads' | 'opportunities' | 'activities' | 'customObjects' | 'subscriptions',
        string,
      ]
    >
  >
> = {
  'status/lead': ['leads', 'status_id'],
  'status/opportunity': ['opportunities', 'status_id'],
  custom_activity: ['activities', 'custom_activity_type_id'],
  custom_object_type: ['customObjects', 'custom_object_type_id'],
  sequence: ['subscriptions', 'sequence_id'],
}

function isInUse(data: WorldData, path: PlainSetting, id: string): boolean {
  return usersOf(data, path, id).length > 0
}

function usersOf(data: WorldData, path: PlainSetting, id: string): readonly Entry[] {
  const use = USES[path]
  if (!use) return []
  const [kind, field] = use
  return data[kind].inOrder().filter(({ record }) => record[field] === id)
}

function relabel(data: WorldData, path: 'status/lead' | 'status/opportunity', id: string): void {
  const kind = path === 'status/lead' ? 'leads' : 'opportunities'
  for (const entry of usersOf(data, path, id)) {
    data[kind].replace(entry.id, conform(data.settings, entry.record))
    if (kind === 'opportunities') data.leads.touch(entry.record.lead_id as string)
  }
}
