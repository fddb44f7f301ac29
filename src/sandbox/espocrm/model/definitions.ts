import type { Field } from './fields.ts'
import type { EntityName } from './names.ts'

export type Direction = 'asc' | 'desc'

export type Filters = Readonly<
  Record<string, { readonly attribute: string; readonly values: readonly string[] }>
>

/** What is particular to one kind of record. */
export interface Definition {
  readonly fields: Readonly<Record<string, Field>>
  readonly order: readonly [by: string, direction: Direction]
  readonly uncounted?: boolean
  /** Filters by name (`primaryFilter`): the values of an attribute that pass. */
  readonly filters?: Filters
}

const NEWEST_FIRST = ['createdAt', 'desc'] as const

const created = { createdAt: 'datetime', createdBy: 'link:User' } as const
const stamps = {
  createdAt: 'datetime',
  modifiedAt: 'datetime',
  createdBy: 'link:User',
  modifiedBy: 'link:User',
} as const
/** What business records have in common. */
const owned = {
  description: 'text',
  ...stamps,
  assignedUser: 'link:User',
  teams: 'multiple',
  streamUpdatedAt: 'datetime',
} as const
const person = { salutationName: 'varchar', firstName: 'varchar', lastName: 'varchar' } as const
const reachable = { emailAddress: 'email', phoneNumber: 'phone' } as const
const named = { name: 'varchar', deleted: 'bool' } as const
const event = {
  ...named,
  status: 'varchar',
  dateStart: 'optionalTime',
  dateEnd: 'optionalTime',
  isAllDay: 'bool',
  duration: 'int',
  parent: 'parent',
  account: 'link:Account',
  users: 'multiple',
  contacts: 'multiple',
  leads: 'multiple',
} as const

export const DEFINITIONS: Readonly<Record<EntityName, Definition>> = {
  Account: {
    order: NEWEST_FIRST,
    fields: {
      ...named,
      website: 'varchar',
      ...reachable,
      type: 'varchar',
      industry: 'varchar',
      sicCode: 'varchar',
      billingAddress: 'address',
      shippingAddress: 'address',
      campaign: 'link:Campaign',
      ...owned,
      cEmployees: 'int',
      cTags: 'array',
    },
  },
  Contact: {
    order: NEWEST_FIRST,
    fields: {
      ...named,
      ...person,
      account: 'link:Account',
      accounts: 'multiple',
      accountRole: 'varchar',
      accountIsInactive: 'bool',
      title: 'varchar',
      ...reachable,
      doNotCall: 'bool',
      address: 'address',
      campaign: 'link:Campaign',
      ...owned,
      cLoyaltyTier: 'varchar',
      cTags: 'array',
    },
  },
  Lead: {
    order: NEWEST_FIRST,
    filters: { active: { attribute: 'status', values: ['New', 'Assigned', 'In Process'] } },
    fields: {
      ...named,
      ...person,
      title: 'varchar',
      status: 'varchar',
      source: 'varchar',
      industry: 'varchar',
      opportunityAmount: 'currency',
      website: 'varchar',
      address: 'address',
      ...reachable,
      doNotCall: 'bool',
      accountName: 'varchar',
      campaign: 'link:Campaign',
      createdAccount: 'link:Account',
      createdContact: 'link:Contact',
      createdOpportunity: 'link:Opportunity',
      convertedAt: 'datetime',
      ...owned,
      cScore: 'float',
      cLegacyCode: 'varchar',
    },
  },
  Opportunity: {
    order: NEWEST_FIRST,
    filters: { won: { attribute: 'stage', values: ['Closed Won'] } },
    fields: {
      ...named,
      amount: 'currency',
      amountWeightedConverted: 'float',
      account: 'link:Account',
      contact: 'link:Contact',
      contacts: 'multiple',
      stage: 'varchar',
      lastStage: 'varchar',
      probability: 'int',
      leadSource: 'varchar',
      closeDate: 'date',
      campaign: 'link:Campaign',
      ...owned,
    },
  },
  Case: {
    order: ['number', 'desc'],
    filters: { open: { attribute: 'status', values: ['New', 'Assigned', 'Pending'] } },
    fields: {
      ...named,
      number: 'int',
      status: 'varchar',
      priority: 'varchar',
      type: 'varchar',
      account: 'link:Account',
      contact: 'link:Contact',
      lead: 'link:Lead',
      ...owned,
    },
  },
  Call: {
    order: ['dateStart', 'desc'],
    filters: { planned: { attribute: 'status', values: ['Planned'] } },
    fields: { ...event, direction: 'varchar', acceptanceStatus: 'varchar', ...owned },
  },
  Meeting: {
    order: ['dateStart', 'desc'],
    filters: { planned: { attribute: 'status', values: ['Planned'] } },
    fields: { ...event, joinUrl: 'varchar', acceptanceStatus: 'varchar', ...owned },
  },
  Task: {
    order: NEWEST_FIRST,
    filters: { completed: { attribute: 'status', values: ['Completed'] } },
    fields: {
      ...named,
      status: 'varchar',
      priority: 'varchar',
      dateStart: 'optionalTime',
      dateEnd: 'optionalTime',
      dateCompleted: 'datetime',
      isOverdue: 'bool',
      parent: 'parent',
      account: 'link:Account',
      contact: 'link:Contact',
      ...owned,
    },
  },
  Document: {
    order: NEWEST_FIRST,
    fields: {
      ...named,
      status: 'varchar',
      type: 'varchar',
      publishDate: 'date',
      expirationDate: 'date',
      fileId: 'varchar',
      fileName: 'varchar',
      accounts: 'multiple',
      ...owned,
    },
  },
  Campaign: {
    order: NEWEST_FIRST,
    fields: {
      ...named,
      status: 'varchar',
      type: 'varchar',
      startDate: 'date',
      endDate: 'date',
      budget: 'currency',
      ...owned,
    },
  },
  TargetList: {
    order: NEWEST_FIRST,
    fields: { ...named, category: 'varchar', ...owned },
  },
  KnowledgeBaseArticle: {
    order: NEWEST_FIRST,
    fields: {
      ...named,
      status: 'varchar',
      language: 'varchar',
      type: 'varchar',
      publishDate: 'date',
      body: 'text',
      ...owned,
    },
  },
  Email: {
    order: ['dateSent', 'desc'],
    uncounted: true,
    fields: {
      ...named,
      subject: 'varchar',
      fromString: 'varchar',
      from: 'varchar',
      to: 'varchar',
      messageId: 'varchar',
      status: 'varchar',
      isHtml: 'bool',
      hasAttachment: 'bool',
      dateSent: 'datetime',
      bodyPlain: 'text',
      body: 'text',
      parent: 'parent',
      account: 'link:Account',
      ...stamps,
      assignedUser: 'link:User',
      teams: 'multiple',
    },
  },
  Note: {
    order: ['number', 'desc'],
    fields: {
      deleted: 'bool',
      number: 'int',
      type: 'varchar',
      post: 'text',
      data: 'json',
      parentType: 'varchar',
      parentId: 'varchar',
      relatedType: 'varchar',
      relatedId: 'varchar',
      isInternal: 'bool',
      isGlobal: 'bool',
      ...stamps,
    },
  },
  CampaignLogRecord: {
    order: NEWEST_FIRST,
    fields: {
      deleted: 'bool',
      action: 'varchar',
      actionDate: 'datetime',
      stringData: 'varchar',
      isTest: 'bool',
      campaign: 'link:Campaign',
      parent: 'parent',
      ...created,
    },
  },
  User: {
    order: ['userName', 'asc'],
    fields: {
      ...named,
      userName: 'varchar',
      type: 'varchar',
      ...person,
      isActive: 'bool',
      title: 'varchar',
      ...reachable,
      defaultTeam: 'link:Team',
      teams: 'multiple',
      createdAt: 'datetime',
      modifiedAt: 'datetime',
      createdBy: 'link:User',
    },
  },
  Team: {
    order: ['name', 'asc'],
    fields: { ...named, positionList: 'array', createdAt: 'datetime', modifiedAt: 'datetime' },
  },
  Role: {
    order: ['name', 'asc'],
    fields: { ...named, assignmentPermission: 'varchar', data: 'json', ...stamps },
  },
  ActionHistoryRecord: {
    order: ['number', 'desc'],
    uncounted: true,
    fields: {
      deleted: 'bool',
      number: 'int',
      action: 'varchar',
      targetType: 'varchar',
      targetId: 'varchar',
      user: 'link:User',
      userType: 'varchar',
      ipAddress: 'varchar',
      data: 'json',
      createdAt: 'datetime',
    },
  },
}
