import type { JsonRecord } from '../../core/json.ts'
import { createActivity, type ActivityContext } from '../data/activity.ts'
import { activityEventType } from '../data/event-types.ts'
import { DAY } from '../data/times.ts'
import { childRecords, type WorldData } from '../data/world-data.ts'
import { emailThread } from '../data/younger-kinds.ts'
import { chooseId, requireRecord } from './choose.ts'
import type { Recorder } from './recorder.ts'

/** Keeps conversations by mail in step with the emails in them. */
export interface Conversations {
  /** Adds an email to the conversation of its lead, and the conversation where there is none. */
  addEmail(context: ActivityContext, at: number): JsonRecord
  /** Moves on the conversation of an email that was changed, or ends it with its last email; ignores other activities. */
  emailChanged(email: JsonRecord, at: number): void
}

export interface MailMutations {
  /**
   * Syncs an email that was sent long ago (default: about two years): it comes in now and has an event of now, but its
   * `date_created` is that of when it was sent, so that no list of recent activities shows it.
   */
  syncOldEmail(leadId?: string, sentAt?: number): JsonRecord
}

export function createConversations(data: WorldData, recorder: Recorder): Conversations {
  const { emailThreads, random } = data
  const touch = (id: string, at: number) => {
    const { after, previous } = recorder.change('emailThreads', id, {}, at)
    recorder.log(activityEventType(after), 'updated', after, at, { previous })
  }
  return {
    addEmail: (context, at) => {
      const { leadId } = context
      const known = data.children(leadId).emailThreads[0]
      const threadId = known ?? random.id('acti')
      const own = { ...context, threadId }
      const email = createActivity(random.id('acti'), 'Email', own)
      recorder.attach('activities', email, at)
      // In the first years there were emails only.
      if (!data.today()) return email
      if (known === undefined) recorder.attach('emailThreads', emailThread(threadId, context), at)
      else touch(known, at)
      return email
    },
    emailChanged: (email, at) => {
      const thread = emailThreads.get((email.thread_id ?? '') as string)
      if (!thread) return
      const leadId = thread.record.lead_id as string
      const left = childRecords(data, 'activities', leadId).some(
        ({ record }) => record.thread_id === thread.id,
      )
      if (left) touch(thread.id, at)
      else recorder.detach('emailThreads', thread.id, at)
    },
  }
}

export function mailMutations(data: WorldData, conversations: Conversations): MailMutations {
  const { org, leads, clock, random } = data
  return {
    syncOldEmail: (leadId = chooseId(random, leads), sentAt) => {
      const at = clock.tick()
      requireRecord(leads, leadId)
      const created = sentAt ?? at - (600 + random.int(300)) * DAY
      return conversations.addEmail({ org, leadId, user: org.users[0]!, created, updated: at }, at)
    },
  }
}
