import type { JsonRecord } from '../../core/json.ts'
import { createRandom } from '../data/random.ts'
import { DAY, instant, naiveInstant } from '../data/times.ts'
import type { World } from '../data/world.ts'
import { jsonReply, type ApiRequest } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { fieldError } from './errors.ts'
import { PLAIN, servePage, toEntries } from './list.ts'
import { listParam } from './params.ts'

const MAX_LIMIT = 1000

/** Lists that this organization has nothing in. */
const EMPTY = [
  'custom_activity',
  'custom_object_type',
  'sms_template',
  'outcome',
  'playbook',
  'form',
  'scheduling_link',
  'shared_scheduling_link',
  'connected_account',
  'send_as',
  'unsubscribe/email',
  'phone_number',
  'blocked_phone_number',
  'dialer',
  'bulk_action/email',
  'bulk_action/edit',
  'bulk_action/delete',
  'bulk_action/sequence_subscription',
  'webhook',
  'export',
]

/** Lists that answer only about something: one of these parameters has to be there. */
const NEEDS_ONE: Readonly<Record<string, readonly string[]>> = {
  custom_object: ['lead_id'],
  sequence_subscription: ['sequence_id', 'contact_id', 'lead_id'],
  comment: ['thread_id', 'object_id'],
  comment_thread: ['ids', 'object_ids'],
}

/** The small lists of settings around the sales data. */
export function extraRoutes({ world, skip }: CloseApi): Route[] {
  const list = (
    path: string,
    records: readonly JsonRecord[],
    check: (request: ApiRequest) => void = () => {},
  ): Route => {
    const entries = toEntries(records)
    return {
      method: 'GET',
      path: `/${path}/`,
      handle: (request) => {
        check(request)
        return servePage(request, { entries, shape: PLAIN, maxLimit: MAX_LIMIT }, skip)
      },
    }
  }
  const { roles, groups, smartViews, sequences, templates, links } = createExtras(world)
  const views = toEntries(smartViews)
  return [
    list('role', roles),
    list('group', groups),
    list('sequence', sequences),
    list('email_template', templates),
    list('integration_link', links),
    {
      method: 'GET',
      path: '/saved_search/',
      handle: (request) => {
        // Only views of leads unless others are asked for.
        const types = listParam(request.query, 'type__in') ?? [request.query.get('type') ?? 'lead']
        const entries = views.filter(({ record }) => types.includes(record.type as string))
        return servePage(request, { entries, shape: PLAIN, maxLimit: MAX_LIMIT }, skip)
      },
    },
    ...EMPTY.map((path) => list(path, [])),
    ...Object.entries(NEEDS_ONE).map(([path, params]) =>
      list(path, [], ({ query }) => {
        if (!params.some((name) => query.has(name))) {
          throw fieldError(params[0]!, 'This field is required.')
        }
      }),
    ),
    { method: 'GET', path: '/user/availability/', handle: () => jsonReply({ data: [] }) },
  ]
}

function createExtras({ org, seed }: World) {
  const random = createRandom(seed, 'extras')
  const founded = Date.parse(org.dateCreated)
  const author = { created_by: org.users[0]!.id!, updated_by: org.users[0]!.id! }
  const dates = { date_created: instant(founded), date_updated: instant(founded + 90 * DAY) }
  const own = { organization_id: org.id, ...author, ...dates }
  return {
    roles: ['Admin', 'User', 'Restricted "EU" User'].map((name) => ({
      id: random.id('role', 22),
      name,
      editable: false,
      permissions: ['view_all_leads', 'edit_all_leads'],
      visibility_user_lcf_ids: [],
      visibility_user_lcf_behavior: null,
      ...own,
    })),
    groups: ['Sales', '営業部'].map((name) => ({ id: random.id('group', 22), name, ...own })),
    smartViews: (['lead', 'lead', 'contact'] as const).map((type, i) => ({
      id: random.id('save'),
      name: ['Hot leads', 'Never called', 'Decision makers'][i]!,
      type,
      query: i === 0 ? 'lead_status:"Qualified"' : null,
      is_shared: true,
      ...own,
    })),
    sequences: ['Cold outreach', 'Win back'].map((name) => ({
      id: random.id('seq', 22),
      name,
      status: 'active',
      allow_manual_enrollment: true,
      steps: [1, 4].map((day) => ({
        id: random.id('seqstep', 22),
        step_type: 'email',
        delay: day,
      })),
      organization_id: org.id,
      ...author,
      // Sequences are among the objects whose times are UTC without saying so.
      date_created: naiveInstant(founded),
      date_updated: naiveInstant(founded + 90 * DAY),
    })),
    templates: ['Intro', 'Follow-up'].map((name) => ({
      id: random.id('tmpl'),
      name,
      subject: 'Hello {{ contact.first_name }}',
      body: '<p>Dear {{ contact.first_name }},<br>…</p>',
      is_archived: false,
      is_shared: true,
      attachments: [],
      ...own,
    })),
    links: [
      {
        id: random.id('link', 22),
        name: 'Search',
        type: 'lead',
        url: 'https://search.example/?q={{ lead.name }}',
        ...own,
      },
    ],
  }
}
