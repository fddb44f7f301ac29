import type { JsonRecord } from '../../core/json.ts'
import type { Times } from './draft.ts'
import { stamps, userName, type Org } from './org.ts'
import { someValues } from './custom-fields.ts'
import { createRandom } from './random.ts'
import { day, instant } from './times.ts'
import { SENTENCES } from './words.ts'

const PERIODS = ['one_time', 'monthly', 'annual'] as const
const PER_YEAR: Readonly<Record<string, number>> = { one_time: 1, monthly: 12, annual: 1 }

/** What an opportunity or a task is about. */
export interface Subject {
  readonly org: Org
  readonly lead: JsonRecord
  readonly contact?: JsonRecord | undefined
}

export function createOpportunity(
  id: string,
  { org, lead, contact }: Subject,
  times: Times,
): JsonRecord {
  const random = createRandom(id)
  const owner = random.pick(org.users)
  const status = random.pick(org.opportunityStatuses)
  const value = random.chance(0.05) ? 0 : (1 + random.int(20_000)) * 50
  const note = random.chance(0.3) ? null : random.pick(SENTENCES)
  const competitor = random.chance(0.2)
    ? { [`custom.${org.opportunityFields.competitor.id}`]: 'Globex "Inc"' }
    : {}
  return {
    id,
    lead_id: lead.id!,
    lead_name: lead.display_name!,
    contact_id: contact ? contact.id! : null,
    contact_name: contact ? contact.name! : null,
    user_id: owner.id!,
    user_name: userName(owner),
    organization_id: org.id,
    pipeline_id: status.pipeline_id!,
    pipeline_name: 'Sales',
    ...opportunityStatus(status, times.updated),
    ...opportunityValue(value, random.pick(PERIODS), random.int(101)),
    note,
    note_html: note === null ? null : `<body><p>${note}</p></body>`,
    attachments: [],
    integration_links: [],
    ...competitor,
    ...youngerValues(id, org, { contact, ...times }),
    date_created: instant(times.created),
    date_updated: instant(times.updated),
    ...stamps(owner),
  }
}

function youngerValues(
  id: string,
  { opportunityFields, sharedFields, users }: Org,
  { contact, created }: Times & Pick<Subject, 'contact'>,
): JsonRecord {
  const fields = [opportunityFields.products, opportunityFields.sponsor, sharedFields.region]
  const contactId = (contact?.id ?? null) as string | null
  return someValues(createRandom(id, 'values'), fields, { users, contactId, created })
}

/** The fields that follow from a status; `date_won` is a day, without a time. */
export function opportunityStatus(status: JsonRecord, at: number): JsonRecord {
  return {
    status_id: status.id!,
    status_label: status.label!,
    status_display_name: status.label!,
    status_type: status.type!,
    date_won: status.type === 'won' ? day(at) : null,
    date_lost: status.type === 'lost' ? day(at) : null,
  }
}

/** The fields that follow from a value in cents, its period and the confidence in percent. */
export function opportunityValue(value: number, period: string, confidence: number): JsonRecord {
  const annualized = value * (PER_YEAR[period] ?? 1)
  const formatted = formatCents(value)
  return {
    value,
    value_currency: 'EUR',
    value_formatted: period === 'one_time' ? formatted : `${formatted} ${period}`,
    value_period: period,
    annualized_value: annualized,
    confidence,
    expected_value: Math.round((value * confidence) / 100),
    annualized_expected_value: Math.round((annualized * confidence) / 100),
  }
}

/** `€1,299.50`, `€40` */
function formatCents(cents: number): string {
  const [whole = '', fraction] = (cents / 100).toFixed(cents % 100 === 0 ? 0 : 2).split('.')
  const grouped = whole.replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ',')
  return `€${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}
