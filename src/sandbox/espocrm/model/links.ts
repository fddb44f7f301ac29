import type { JsonRecord } from '../../../core/json.ts'
import type { EntityName } from './names.ts'

/**
 * A link from one record to many: through rows of a relation of its own, which can carry columns, or by an attribute of
 * the other records that holds this record's id.
 */
export type Link = RelationLink | KeyLink

export interface RelationLink {
  readonly kind: 'relation'
  readonly entity: EntityName
  readonly relation: string
  readonly side: Side
  /** Columns of the relation, and the attributes they become on the records of the link's list. */
  readonly columns: Readonly<Record<string, string>>
}

export interface KeyLink {
  readonly kind: 'key'
  readonly entity: EntityName
  readonly key: string
  /** For a key that can hold the id of records of several kinds: the attribute that says which. */
  readonly typeKey?: string
}

export type Side = 'left' | 'right'

/** Both ends of a relation: what the link is called on each, and how it shows columns on the other end's records. */
interface RelationEnds {
  readonly left: readonly [entity: EntityName, link: string, columns?: Record<string, string>]
  readonly right: readonly [entity: EntityName, link: string, columns?: Record<string, string>]
}

/** What a column of a relation holds when nobody says. */
const COLUMN_DEFAULTS: JsonRecord = {
  role: null,
  isInactive: false,
  optedOut: false,
  status: 'None',
}

/** All columns of a link, those that are not given at their defaults. */
export function columnsOf({ columns }: RelationLink, given: JsonRecord = {}): JsonRecord {
  return Object.fromEntries(
    Object.keys(columns).map((column) => [
      column,
      given[column] ?? COLUMN_DEFAULTS[column] ?? null,
    ]),
  )
}

const ACCEPTANCE = { status: 'acceptanceStatus' }
const OPTED_OUT = { optedOut: 'targetListIsOptedOut' }

const TEAMED = [
  'Account',
  'Contact',
  'Lead',
  'Opportunity',
  'Case',
  'Call',
  'Meeting',
  'Task',
  'Document',
  'Campaign',
  'TargetList',
  'KnowledgeBaseArticle',
  'Email',
] as const satisfies readonly EntityName[]

const ends: Readonly<Record<string, RelationEnds>> = {
  accountContact: {
    left: ['Account', 'contacts', { role: 'accountRole', isInactive: 'accountIsInactive' }],
    right: ['Contact', 'accounts', { role: 'contactRole', isInactive: 'contactIsInactive' }],
  },
  contactOpportunity: {
    left: ['Contact', 'opportunities', { role: 'contactRole' }],
    right: ['Opportunity', 'contacts', { role: 'opportunityRole' }],
  },
  contactTargetList: {
    left: ['Contact', 'targetLists', OPTED_OUT],
    right: ['TargetList', 'contacts', OPTED_OUT],
  },
  leadTargetList: {
    left: ['Lead', 'targetLists', OPTED_OUT],
    right: ['TargetList', 'leads', OPTED_OUT],
  },
  accountTargetList: {
    left: ['Account', 'targetLists', OPTED_OUT],
    right: ['TargetList', 'accounts', OPTED_OUT],
  },
  meetingUser: { left: ['Meeting', 'users', ACCEPTANCE], right: ['User', 'meetings', ACCEPTANCE] },
  contactMeeting: {
    left: ['Contact', 'meetings', ACCEPTANCE],
    right: ['Meeting', 'contacts', ACCEPTANCE],
  },
  leadMeeting: { left: ['Lead', 'meetings', ACCEPTANCE], right: ['Meeting', 'leads', ACCEPTANCE] },
  callUser: { left: ['Call', 'users', ACCEPTANCE], right: ['User', 'calls', ACCEPTANCE] },
  callContact: { left: ['Call', 'contacts', ACCEPTANCE], right: ['Contact', 'calls', ACCEPTANCE] },
  callLead: { left: ['Call', 'leads', ACCEPTANCE], right: ['Lead', 'calls', ACCEPTANCE] },
  accountDocument: { left: ['Account', 'documents'], right: ['Document', 'accounts'] },
  documentOpportunity: { left: ['Document', 'opportunities'], right: ['Opportunity', 'documents'] },
  teamUser: {
    left: ['Team', 'users', { role: 'teamRole' }],
    right: ['User', 'teams', { role: 'userRole' }],
  },
}

/** Records whose `parent` can be a record of any of these kinds. */
const PARENTS = ['Account', 'Contact', 'Lead', 'Opportunity', 'Case'] as const
const CHILDREN = { meetings: 'Meeting', calls: 'Call', tasks: 'Task', emails: 'Email' } as const

/** Every team that a record belongs to, whatever its kind: ids are unique across kinds. */
export const ENTITY_TEAM = 'entityTeam'

export const RELATIONS: readonly string[] = [...Object.keys(ends), ENTITY_TEAM]

/** The links of each kind of record that have a list of their own, `/{Entity}/{id}/{link}`, by name. */
export const LINKS: Readonly<Record<EntityName, Readonly<Record<string, Link>>>> = collectLinks()

function collectLinks(): Record<EntityName, Record<string, Link>> {
  const key = (entity: EntityName, attribute: string): Link => ({
    kind: 'key',
    entity,
    key: attribute,
  })
  const links: Record<EntityName, Record<string, Link>> = {
    Account: { opportunities: key('Opportunity', 'accountId'), cases: key('Case', 'accountId') },
    Contact: { cases: key('Case', 'contactId') },
    Lead: {},
    Opportunity: {},
    Case: {},
    Call: {},
    Meeting: {},
    Task: {},
    Document: {},
    Campaign: {
      accounts: key('Account', 'campaignId'),
      contacts: key('Contact', 'campaignId'),
      leads: key('Lead', 'campaignId'),
      opportunities: key('Opportunity', 'campaignId'),
      campaignLogRecords: key('CampaignLogRecord', 'campaignId'),
    },
    TargetList: {},
    KnowledgeBaseArticle: {},
    Email: {},
    Note: {},
    CampaignLogRecord: {},
    User: {},
    Team: {},
    Role: {},
    ActionHistoryRecord: {},
  }
  for (const parent of PARENTS) {
    for (const [link, entity] of Object.entries(CHILDREN)) {
      links[parent][link] = { kind: 'key', entity, key: 'parentId', typeKey: 'parentType' }
    }
  }
  // After the above: the meetings and calls of a contact or a lead are those it is invited to.
  for (const [relation, { left, right }] of Object.entries(ends)) {
    const [leftEntity, leftLink, leftColumns = {}] = left
    const [rightEntity, rightLink, rightColumns = {}] = right
    links[leftEntity][leftLink] = {
      kind: 'relation',
      entity: rightEntity,
      relation,
      side: 'left',
      columns: leftColumns,
    }
    links[rightEntity][rightLink] = {
      kind: 'relation',
      entity: leftEntity,
      relation,
      side: 'right',
      columns: rightColumns,
    }
  }
  for (const entity of TEAMED) {
    links[entity].teams = {
      kind: 'relation',
      entity: 'Team',
      relation: ENTITY_TEAM,
      side: 'left',
      columns: {},
    }
  }
  return links
}
