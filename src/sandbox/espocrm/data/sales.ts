import { DAY, day } from '../../data/times.ts'
import { SENTENCES, companyName } from '../../data/words.ts'
import { money, pickParent, pickSome, type Build } from './build.ts'
import { dateTime } from './times.ts'

const STAGES = [
  ['Prospecting', 10],
  ['Qualification', 20],
  ['Proposal', 50],
  ['Negotiation', 80],
  ['Closed Won', 100],
  ['Closed Lost', 0],
] as const

export const buildOpportunity: Build = (context) => {
  const { random, created } = context
  const [stage, probability] = random.pick(STAGES)
  const amount = money(random, 'amount', 200_000)
  const contacts = pickSome(context, 'Contact', 2).map((id) => ({
    id,
    columns: { role: random.pick(['Decision Maker', 'Evaluator', null]) },
  }))
  const converted = amount.amountConverted as number | null
  return {
    record: {
      name: `${companyName(random)} renewal`,
      ...amount,
      amountWeightedConverted:
        converted === null ? null : Math.round(converted * probability) / 100,
      accountId: random.chance(0.9) ? context.pick('Account') : null,
      contactId: contacts[0]?.id ?? null,
      stage,
      lastStage: random.chance(0.5) ? random.pick(STAGES)[0] : null,
      probability,
      leadSource: random.pick(['', 'Web Site', 'Partner']),
      closeDate: day(created + random.int(200) * DAY),
      campaignId: random.chance(0.2) ? context.pick('Campaign') : null,
      description: random.chance(0.3) ? random.pick(SENTENCES) : null,
    },
    links: { contacts },
  }
}

export const buildCase: Build = (context) => {
  const { random, index } = context
  return {
    record: {
      name: random.pick(['Broken export', "Can't log in", 'Frage zur Rechnung', '請求書について']),
      number: index + 1,
      status: random.pick(['New', 'Assigned', 'Pending', 'Closed', 'Rejected', 'Duplicate']),
      priority: random.pick(['Low', 'Normal', 'High', 'Urgent']),
      type: random.pick(['Question', 'Incident', 'Problem', '']),
      accountId: random.chance(0.7) ? context.pick('Account') : null,
      contactId: random.chance(0.7) ? context.pick('Contact') : null,
      leadId: null,
      description: random.chance(0.5) ? random.pick(SENTENCES) : null,
    },
  }
}

export const buildCampaign: Build = (context) => {
  const { random, index, created } = context
  return {
    record: {
      name: `Campaign ${index + 1}: "Spring & Summer"`,
      status: random.pick(['Planning', 'Active', 'Inactive', 'Complete']),
      type: random.pick(['Email', 'Newsletter', 'Web', 'Television']),
      startDate: day(created),
      endDate: random.chance(0.7) ? day(created + 30 * DAY) : null,
      ...money(random, 'budget', 50_000),
      description: null,
    },
  }
}

export const buildTargetList: Build = (context) => {
  const { random, index } = context
  const targets = (entity: 'Account' | 'Contact' | 'Lead', most: number) =>
    pickSome(context, entity, most).map((id) => ({
      id,
      columns: { optedOut: random.chance(0.15) },
    }))
  return {
    record: { name: `List ${index + 1}`, category: random.pick(['News', null]), description: null },
    links: {
      accounts: targets('Account', 4),
      contacts: targets('Contact', 12),
      leads: targets('Lead', 12),
    },
  }
}

export const buildCampaignLogRecord: Build = (context) => {
  const { random, created } = context
  return {
    record: {
      action: random.pick(['Sent', 'Opened', 'Clicked', 'Bounced', 'Opted Out']),
      actionDate: dateTime(created),
      stringData: random.chance(0.5) ? 'https://news.example/?a=1&b=2' : null,
      isTest: false,
      campaignId: context.pick('Campaign'),
      ...pickParent(context),
    },
  }
}
