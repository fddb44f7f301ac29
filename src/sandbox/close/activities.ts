import type { ApiRequest } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { fieldError, notFound } from './errors.ts'
import { dateRange, matching, oneOf, type Filter } from './filters.ts'
import { serveOne, servePage } from './list.ts'

const MAX_LIMIT = 100

/** The list of each kind, by the last part of its path. */
const PATHS: Readonly<Record<string, string>> = {
  note: 'Note',
  call: 'Call',
  email: 'Email',
  emailthread: 'EmailThread',
  sms: 'SMS',
  whatsapp_message: 'WhatsAppMessage',
  meeting: 'Meeting',
  custom: 'CustomActivity',
  created: 'Created',
  form_submission: 'FormSubmission',
  lead_merge: 'LeadMerge',
  task_completed: 'TaskCompleted',
  'status_change/lead': 'LeadStatusChange',
  'status_change/opportunity': 'OpportunityStatusChange',
}

const BY_DATE = [oneOf('id'), oneOf('lead_id'), dateRange('date_created', { precision: 'second' })]
const BY_PERSON = [oneOf('user_id'), oneOf('contact_id')]

/** Filters of the list of all kinds that work only together with `lead_id`. */
const OF_ONE_LEAD = [...BY_PERSON, oneOf('_type'), dateRange('activity_at')]
const NEEDS_LEAD = /^(?:user_id|contact_id|_type|activity_at)(?:__|$)/

/**
 * `/activity/` and the lists of each kind, the newest first. They are filtered by `date_created`, in whole seconds, and by
 * nothing that tells of a later change.
 */
export function activityRoutes(api: CloseApi): Route[] {
  const kinds = Object.entries(PATHS).flatMap(([path, type]) => kindRoutes(api, path, type))
  return [
    {
      method: 'GET',
      path: '/activity/',
      handle: (request) => {
        const { query } = request
        const needsLead = [...query.keys()].find((name) => NEEDS_LEAD.test(name))
        const byActivity = query.get('_order_by') === '-activity_at'
        if ((needsLead !== undefined || byActivity) && !query.has('lead_id')) {
          throw fieldError('lead_id', 'This field is required.')
        }
        return serve(api, request, [...BY_DATE, ...OF_ONE_LEAD])
      },
    },
    ...kinds,
  ]
}

function kindRoutes(api: CloseApi, path: string, type: string): Route[] {
  const ofType: Filter = () => (entry) => entry.record._type === type
  return [
    {
      method: 'GET',
      path: `/activity/${path}/`,
      handle: (request) =>
        serve(api, request, [
          ofType,
          ...BY_DATE,
          ...BY_PERSON,
          oneOf('opportunity_id'),
          dateRange('activity_at'),
        ]),
    },
    {
      method: 'GET',
      path: `/activity/${path}/{id}/`,
      handle: (request, { id }) => {
        const entry = api.world.activities.get(id!)
        if (entry?.record._type !== type) throw notFound(type)
        return serveOne(request, entry, api.shapes.activity)
      },
    },
  ]
}

function serve({ world, shapes, skip }: CloseApi, request: ApiRequest, filters: readonly Filter[]) {
  const order = request.query.get('_order_by') ?? '-date_created'
  if (order !== '-date_created' && order !== '-activity_at') {
    throw fieldError('_order_by', 'Value must be one of: -activity_at.')
  }
  const entries = matching(world, request, () => world.activities.list(order), filters)
  return servePage(request, { entries, shape: shapes.activity, maxLimit: MAX_LIMIT }, skip)
}
