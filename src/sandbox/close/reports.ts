import { isRecord, parseJson, type JsonRecord } from '../../core/json.ts'
import type { Entry } from '../data/collection.ts'
import type { World } from '../data/world.ts'
import { jsonReply, type ApiRequest, type Reply } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { fieldError, notFound, sentenceError } from './errors.ts'
import { groupBy } from './group-by.ts'
import { momentParam, parseMoment } from './params.ts'
import {
  METRICS,
  activityByDay,
  activityByUser,
  metricDescriptions,
  type Period,
} from './report-metrics.ts'
import { statusReport } from './report-statuses.ts'

const DAY_MS = 86_400_000

/** Reports: numbers that the service works out from everything else, with no records of their own. */
export function reportRoutes({ world }: CloseApi): Route[] {
  const ofOrg = (
    path: string,
    report: (request: ApiRequest, period: Period | null) => JsonRecord,
  ): Route => ({
    method: 'GET',
    path: `/report/${path}/{org_id}/`,
    handle: (request, { org_id: id }) => {
      if (id !== world.org.id) throw notFound('Organization')
      return jsonReply(report(request, readPeriod(request)))
    },
  })
  return [
    {
      method: 'POST',
      path: '/report/activity/',
      handle: (request) => activityReport(world, request),
    },
    {
      method: 'GET',
      path: '/report/activity/metrics/',
      handle: () => jsonReply({ metrics: metricDescriptions() }),
    },
    ofOrg('statuses/lead', (_, period) => statusReport(world, 'lead', period)),
    ofOrg('statuses/opportunity', (_, period) => statusReport(world, 'opportunity', period)),
    ofOrg('sent_emails', (_, period) => sentEmails(world, period)),
    ofOrg('custom', (request) => customReport(world, request)),
  ]
}

/** `date_start` and `date_end`, which belongs to the period when it is a day; null for all there is. */
function readPeriod(request: ApiRequest): Period | null {
  const from = momentParam(request, 'date_start')
  const to = momentParam(request, 'date_end')
  if (!from && !to) return null
  const end = to ? to.ms + (to.wholeDay ? DAY_MS : 0) : Number.MAX_SAFE_INTEGER
  return { from: from?.ms ?? Number.MIN_SAFE_INTEGER, to: end }
}

/** `{"type": "overview", "datetime_range": {"start": ..., "end": ...}, "metrics": ["calls.all.all.count"]}` */
function activityReport(world: World, { body }: ApiRequest): Reply {
  const wanted = parseBody(body)
  const metrics = Array.isArray(wanted.metrics) ? (wanted.metrics as string[]) : []
  if (metrics.length === 0) throw fieldError('metrics', 'This field is required.')
  const unknown = metrics.find((metric) => !Object.hasOwn(METRICS, metric))
  if (unknown !== undefined) throw fieldError('metrics', `"${unknown}" is not a valid metric.`)
  const period = readRange(world, wanted)
  const users = Array.isArray(wanted.users) ? (wanted.users as string[]) : []
  if (wanted.type === 'overview') return jsonReply(activityByDay(world, { metrics, period, users }))
  if (wanted.type === 'comparison') {
    return jsonReply(activityByUser(world, { metrics, period, users }))
  }
  throw fieldError('type', 'Value must be one of: overview, comparison.')
}

function parseBody(text: string): JsonRecord {
  try {
    const { value } = parseJson(text)
    if (isRecord(value)) return value
  } catch {
    // Told to the client below.
  }
  throw sentenceError('The request body must be a JSON object.')
}

function readRange(
  world: World,
  { datetime_range: range, relative_range: name }: JsonRecord,
): Period {
  if (isRecord(range) && typeof range.start === 'string' && typeof range.end === 'string') {
    const from = parseMoment(range.start, 'datetime_range').ms
    return { from, to: parseMoment(range.end, 'datetime_range').ms }
  }
  const today = Math.floor(world.clock.now() / DAY_MS) * DAY_MS
  if (name === 'today') return { from: today, to: today + DAY_MS }
  if (name === 'yesterday') return { from: today - DAY_MS, to: today }
  if (name === 'all-time') return { from: Date.parse(world.org.dateCreated), to: today + DAY_MS }
  throw fieldError('datetime_range', 'Either datetime_range or relative_range is required.')
}

/** How many emails were sent with each template, the ones without a template among them. */
function sentEmails(world: World, period: Period | null): JsonRecord {
  const sent = world.activities
    .list('id')
    .filter(({ record }) => record._type === 'Email' && record.status === 'sent')
    .filter(({ created }) => !period || (created >= period.from && created < period.to))
  const byTemplate = groupBy(sent, ({ record }) => record.template_id as string | null)
  return {
    data: [...byTemplate].map(([templateId, emails]) => ({
      template_id: templateId,
      template_name: templateName(world, templateId),
      total: emails.length,
      opened: countOf(emails, ({ record }) => (record.opens as unknown[]).length > 0),
      replied: countOf(emails, ({ record }) => record.has_reply === true),
    })),
  }
}

function templateName({ settings }: World, id: string | null): string | null {
  return id === null
    ? null
    : ((settings.email_template.get(id)?.record.name ?? null) as string | null)
}

function countOf(entries: readonly Entry[], holds: (entry: Entry) => boolean): number {
  return entries.filter(holds).length
}

const SERIES = { lead: 'leads', opportunity: 'opportunities', contact: 'contacts' } as const

/** Counts of new objects by month, as `x` and `y` ask for: `x=lead.date_created&y=lead.count`. */
function customReport(world: World, { query }: ApiRequest): JsonRecord {
  const [type = '', field = ''] = (query.get('x') ?? 'lead.date_created').split('.')
  if (!Object.hasOwn(SERIES, type) || !field.startsWith('date_')) {
    throw fieldError('x', 'Unknown field.')
  }
  const y = query.get('y') ?? `${type}.count`
  if (y !== `${type}.count`) throw fieldError('y', 'Unknown field.')
  const entries = world[SERIES[type as keyof typeof SERIES]].list('id')
  const months = entries.flatMap(({ record }) => {
    const date = record[field]
    return typeof date === 'string' ? [date.slice(0, 7)] : []
  })
  const byMonth = [...groupBy(months, (month) => month)].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    x: `${type}.${field}`,
    y,
    interval: 'month',
    series: [
      {
        group: null,
        points: byMonth.map(([month, { length }]) => ({ x: `${month}-01`, y: length })),
      },
    ],
    total: months.length,
  }
}
