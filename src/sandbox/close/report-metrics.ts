import type { JsonRecord } from '../../core/json.ts'
import type { Entry } from '../data/collection.ts'
import { DAY, shortInstant } from '../data/times.ts'
import type { World } from '../data/world.ts'

/** A half-open span of time, in milliseconds. */
export interface Period {
  readonly from: number
  readonly to: number
}

interface Metric {
  readonly name: string
  readonly of: 'activities' | 'leads' | 'opportunities'
  readonly holds: (record: JsonRecord) => boolean
  /** What is summed up; default: the number of objects. */
  readonly sum?: string
}

const isCall = ({ _type }: JsonRecord) => _type === 'Call'
const isEmail = ({ _type }: JsonRecord) => _type === 'Email'

/** What an activity report can count. */
export const METRICS: Readonly<Record<string, Metric>> = {
  'calls.all.all.count': { name: 'All Calls', of: 'activities', holds: isCall },
  'calls.all.all.sum_duration': {
    name: 'All Calls - Total Duration',
    of: 'activities',
    holds: isCall,
    sum: 'duration',
  },
  'calls.inbound.all.count': {
    name: 'Inbound Calls',
    of: 'activities',
    holds: (record) => isCall(record) && record.direction === 'inbound',
  },
  'calls.outbound.all.count': {
    name: 'Outbound Calls',
    of: 'activities',
    holds: (record) => isCall(record) && record.direction === 'outbound',
  },
  'emails.received.all.count': {
    name: 'Received Emails',
    of: 'activities',
    holds: (record) => isEmail(record) && record.direction === 'incoming',
  },
  'emails.sent.all.count': {
    name: 'Sent Emails',
    of: 'activities',
    holds: (record) => isEmail(record) && record.status === 'sent',
  },
  'sms.sent.all.count': {
    name: 'Sent SMS',
    of: 'activities',
    holds: ({ _type, direction }) => _type === 'SMS' && direction === 'outbound',
  },
  'leads.created.all.count': { name: 'Created Leads', of: 'leads', holds: () => true },
  'opportunities.created.all.count': {
    name: 'Opportunities - Created',
    of: 'opportunities',
    holds: () => true,
  },
  'opportunities.won.all.count': {
    name: 'Opportunities - Won',
    of: 'opportunities',
    holds: ({ status_type: type }) => type === 'won',
  },
}

export function metricDescriptions(): JsonRecord[] {
  return Object.entries(METRICS).map(([key, { name }]) => ({
    key,
    name,
    description: `The number or sum of: ${name}.`,
  }))
}

interface ActivityReport {
  readonly metrics: readonly string[]
  readonly period: Period
  /** Ids; none stands for everybody. */
  readonly users: readonly string[]
}

/** The metrics for each day of the period, and over all of it. */
export function activityByDay(world: World, report: ActivityReport): JsonRecord {
  const { period } = report
  const days: JsonRecord[] = []
  for (let day = Math.floor(period.from / DAY) * DAY; day < period.to; day += DAY) {
    const within = { from: Math.max(day, period.from), to: Math.min(day + DAY, period.to) }
    days.push({ datetime: shortInstant(day), ...measure(world, { ...report, period: within }) })
  }
  return { data: days, aggregations: { totals: measure(world, report) } }
}

/** The metrics for each user, and for all of them. */
export function activityByUser(world: World, report: ActivityReport): JsonRecord {
  const everybody = world.settings.user.inOrder().map(({ id }) => id)
  const users = report.users.length > 0 ? report.users : everybody
  return {
    data: users.map((id) => ({ user_id: id, ...measure(world, { ...report, users: [id] }) })),
    aggregations: { totals: measure(world, { ...report, users }) },
  }
}

function measure(world: World, { metrics, period, users }: ActivityReport): JsonRecord {
  const isOf = ({ record }: Entry) =>
    users.length === 0 || users.includes((record.user_id ?? record.created_by) as string)
  return Object.fromEntries(
    metrics.map((key) => {
      const { of, holds, sum } = METRICS[key]!
      const counted = world[of]
        .list('date_created')
        .filter(({ created }) => created >= period.from && created < period.to)
        .filter((entry) => isOf(entry) && holds(entry.record))
      const total = counted.reduce(
        (total, { record }) => total + (sum === undefined ? 1 : (record[sum] as number)),
        0,
      )
      return [key, total]
    }),
  )
}
