/** The kinds of records that the sandbox has, as EspoCRM spells them in paths. */
export const ENTITY_NAMES = [
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
  'Note',
  'CampaignLogRecord',
  'User',
  'Team',
  'Role',
  'ActionHistoryRecord',
] as const

export type EntityName = (typeof ENTITY_NAMES)[number]

export function isEntityName(name: unknown): name is EntityName {
  return ENTITY_NAMES.some((known) => known === name)
}
