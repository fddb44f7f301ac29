import type { EntityName } from '../model/names.ts'
import {
  buildCall,
  buildDocument,
  buildEmail,
  buildKnowledgeBaseArticle,
  buildMeeting,
  buildNote,
  buildTask,
} from './activities.ts'
import type { Build } from './build.ts'
import { buildActionHistoryRecord, buildRole, buildTeam, buildUser } from './org.ts'
import { buildAccount, buildContact, buildLead } from './people.ts'
import {
  buildCampaign,
  buildCampaignLogRecord,
  buildCase,
  buildOpportunity,
  buildTargetList,
} from './sales.ts'

export interface Builder {
  readonly build: Build
  /** How many there are for so many leads. */
  readonly count: (leads: number) => number
}

const perLead = (share: number) => (leads: number) => Math.ceil(leads * share)
const always = (count: number) => () => count

/** How each kind of record is made up; those that others refer to come first. */
export const BUILDERS: Readonly<Record<EntityName, Builder>> = {
  Team: { build: buildTeam, count: always(4) },
  Role: { build: buildRole, count: always(3) },
  User: { build: buildUser, count: always(12) },
  Campaign: { build: buildCampaign, count: perLead(1 / 50) },
  Account: { build: buildAccount, count: perLead(1 / 3) },
  Contact: { build: buildContact, count: perLead(1 / 2) },
  Lead: { build: buildLead, count: perLead(1) },
  Opportunity: { build: buildOpportunity, count: perLead(1 / 4) },
  Case: { build: buildCase, count: perLead(1 / 6) },
  Meeting: { build: buildMeeting, count: perLead(1 / 4) },
  Call: { build: buildCall, count: perLead(1 / 4) },
  Task: { build: buildTask, count: perLead(1 / 4) },
  Email: { build: buildEmail, count: perLead(1 / 4) },
  Note: { build: buildNote, count: perLead(1 / 2) },
  Document: { build: buildDocument, count: perLead(1 / 10) },
  TargetList: { build: buildTargetList, count: perLead(1 / 25) },
  KnowledgeBaseArticle: { build: buildKnowledgeBaseArticle, count: perLead(1 / 25) },
  CampaignLogRecord: { build: buildCampaignLogRecord, count: perLead(1 / 4) },
  ActionHistoryRecord: { build: buildActionHistoryRecord, count: perLead(1 / 4) },
}
