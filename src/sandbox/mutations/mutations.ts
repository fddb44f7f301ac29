import type { WorldData } from '../data/world-data.ts'
import { mutateAtRandom, type Mutation, type MutationCounts } from './batch.ts'
import { createConversations, mailMutations, type MailMutations } from './conversations.ts'
import { customFieldMutations, type CustomFieldMutations } from './custom-fields.ts'
import { deletions, type Deletions } from './deletions.ts'
import { leadMutations, type LeadMutations } from './leads.ts'
import { createRecorder } from './recorder.ts'
import { relatedMutations, type RelatedMutations } from './related.ts'
import { settingMutations, type SettingMutations } from './settings.ts'
import { youngerMutations, type YoungerMutations } from './younger.ts'

/**
 * What can happen in the organization, one thing at a time. Each moves the clock on, writes the events that the real log
 * would hold, and bumps `date_updated` of what the real service bumps: no more and no less. Where no object is named, one
 * is chosen, the same one in every run. Each throws RangeError for an id that does not exist.
 */
export interface SingleMutations
  extends
    LeadMutations,
    RelatedMutations,
    Deletions,
    MailMutations,
    YoungerMutations,
    CustomFieldMutations,
    SettingMutations {}

export interface Mutations extends SingleMutations {
  /** Makes a number of changes of each kind, chosen by `seed`; says which objects they were made to. */
  mutate(counts: MutationCounts): Mutation
}

export function createMutations(data: WorldData): Mutations {
  const recorder = createRecorder(data)
  const conversations = createConversations(data, recorder)
  const single: SingleMutations = {
    ...leadMutations(data, recorder),
    ...relatedMutations(data, recorder, conversations),
    ...deletions(data, recorder, conversations),
    ...mailMutations(data, conversations),
    ...youngerMutations(data, recorder),
    ...customFieldMutations(data, recorder),
    ...settingMutations(data, recorder),
  }
  return { ...single, mutate: (counts) => mutateAtRandom(data, single, counts) }
}
