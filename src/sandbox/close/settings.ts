import type { JsonRecord } from '../../core/json.ts'
import { createRandom } from '../data/random.ts'
import type { World } from '../data/world.ts'
import { jsonReply } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { fieldError, notFound } from './errors.ts'
import { isTrue, oneOf, type Filter } from './filters.ts'
import { booleanParam, listParam } from './params.ts'
import { settingRoutes, type SettingList } from './setting-lists.ts'

/** The settings around the sales data: who may do what, templates, phone numbers, jobs and links to elsewhere. */
export function settingsRoutes(api: CloseApi): Route[] {
  const { world } = api
  return [
    ...lists(world).flatMap((list) => settingRoutes(api, list)),
    {
      method: 'GET',
      path: '/membership/{id}/pinned_views/',
      handle: (_request, { id }) => {
        if (!world.settings.membership.get(id!)) throw notFound('Membership')
        return jsonReply({ saved_view_ids: pinnedViews(world, id!) })
      },
    },
    { method: 'GET', path: '/user/availability/', handle: () => jsonReply(availability(world)) },
    {
      method: 'GET',
      path: '/blocked_phone_number/settings/',
      handle: () => jsonReply(blockedNumberSettings(world)),
    },
  ]
}

function lists(world: World): readonly SettingList[] {
  const me = world.org.users[0]!.id as string
  return [
    { path: 'role', paging: 'whole', single: 'Role' },
    // Only a single group tells who its members are.
    { path: 'group', paging: 'whole', without: 'members', single: 'Group' },
    { path: 'saved_search', paging: 'pages', filters: [viewType], single: 'SavedSearch' },
    { path: 'sequence', paging: 'pages', single: 'Sequence' },
    {
      path: 'email_template',
      paging: 'pages',
      filters: [archived, isTrue('is_shared')],
      single: 'EmailTemplate',
    },
    { path: 'sms_template', paging: 'pages', single: 'SMSTemplate' },
    { path: 'outcome', paging: 'pages', single: 'Outcome' },
    { path: 'playbook', paging: 'pages', filters: [archivedPlaybook], single: 'Playbook' },
    { path: 'form', paging: 'pages', filters: [isTrue('is_archived')], single: 'Form' },
    { path: 'scheduling_link', paging: 'whole', single: 'SchedulingLink' },
    { path: 'shared_scheduling_link', paging: 'whole', single: 'SchedulingLink' },
    {
      path: 'connected_account',
      paging: 'pages',
      filters: [oneOf('user_id'), oneOf('_type')],
      single: 'ConnectedAccount',
    },
    { path: 'send_as', paging: 'whole', filters: [ownSendAs(me)], single: 'SendAs' },
    { path: 'unsubscribe/email', paging: 'whole' },
    {
      path: 'phone_number',
      paging: 'pages',
      filters: [oneOf('number'), oneOf('user_id'), isTrue('is_group_number'), participant],
      single: 'PhoneNumber',
    },
    { path: 'blocked_phone_number', paging: 'pages', single: 'BlockedPhoneNumber' },
    {
      path: 'dialer',
      paging: 'pages',
      filters: ['source_type', 'source_value', 'status', 'user_id'].map((field) => oneOf(field)),
      single: 'Dialer',
    },
    { path: 'bulk_action/email', paging: 'pages', single: 'BulkEmailAction' },
    { path: 'bulk_action/edit', paging: 'pages', single: 'BulkEditAction' },
    { path: 'bulk_action/delete', paging: 'pages', single: 'BulkDeleteAction' },
    {
      path: 'bulk_action/sequence_subscription',
      paging: 'pages',
      single: 'BulkSequenceSubscriptionAction',
    },
    { path: 'integration_link', paging: 'whole', single: 'IntegrationLink' },
    { path: 'webhook', paging: 'whole', single: 'WebhookSubscription' },
    { path: 'export', paging: 'pages', single: 'Export' },
  ]
}

/** Only views of leads unless others are asked for. */
const viewType: Filter = ({ query }) => {
  const types = listParam(query, 'type__in') ?? [query.get('type') ?? 'lead']
  return (entry) => types.includes(entry.record.type as string)
}

/** Archived templates are a list of their own. */
const archived: Filter = ({ query }) => {
  const wanted = booleanParam(query, 'is_archived') ?? false
  return (entry) => entry.record.is_archived === wanted
}

/** Archived playbooks are in the list unless one state is asked for. */
const archivedPlaybook: Filter = ({ query }) => {
  const wanted = booleanParam(query, 'is_archived')
  return wanted === null ? null : (entry) => (entry.record.archived_at !== null) === wanted
}

/** Numbers that ring a user, theirs alone or with others. */
const participant: Filter = ({ query }) => {
  const id = query.get('participant_user_id')
  if (id === null) return null
  return ({ record }) => record.user_id === id || (record.participants as string[]).includes(id)
}

/** A user sees whom they allow to send in their name, or by whom they are allowed to, and nothing about others. */
function ownSendAs(me: string): Filter {
  return ({ query }) => {
    const side = query.has('allowed_user_id') ? 'allowed_user_id' : 'allowing_user_id'
    if ((query.get(side) ?? me) !== me) throw fieldError(side, 'Value must be your own user ID.')
    return (entry) => entry.record[side] === me
  }
}

function pinnedViews(world: World, membershipId: string): string[] {
  const random = createRandom(membershipId, 'pinned')
  return world.settings.saved_search
    .inOrder()
    .filter(() => random.chance(0.7))
    .map(({ id }) => id)
}

/** Who can take a call now, by the devices that it would ring on. */
function availability({ settings }: World): JsonRecord {
  const on = (type: string, online: boolean) => ({
    type,
    status: online ? 'online' : 'offline',
    active_calls: [],
  })
  return {
    data: settings.user.inOrder().map(({ id }, i) => ({
      user_id: id,
      availability: [on('mobile', false), on('native', i % 3 === 0), on('web', i % 2 === 0)],
    })),
  }
}

function blockedNumberSettings({ org }: World): JsonRecord {
  return {
    organization_id: org.id,
    block_anonymous_calls: true,
    blocked_call_action: 'hangup',
  }
}
