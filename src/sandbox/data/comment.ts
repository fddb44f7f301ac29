import type { JsonRecord } from '../../core/json.ts'
import type { Times } from './draft.ts'
import { activityEventType } from './event-types.ts'
import type { Org } from './org.ts'
import { createRandom } from './random.ts'
import { instant } from './times.ts'
import { SENTENCES } from './words.ts'

interface ThreadFacts {
  readonly org: Org
  readonly leadId: string
  /** The activity that is commented on. */
  readonly about: JsonRecord
  /** Who wrote its comments, one after the other. */
  readonly authors: readonly string[]
}

/** All comments on one activity: it comes with the first of them and goes with the last. */
export function commentThread(
  id: string,
  { org, leadId, about, authors }: ThreadFacts,
  times: Times,
): JsonRecord {
  return {
    id,
    organization_id: org.id,
    lead_id: leadId,
    object_id: about.id!,
    object_type: activityEventType(about),
    num_comments: authors.length,
    participating: [...new Set(authors)],
    ...dates(times),
  }
}

interface CommentFacts {
  readonly org: Org
  readonly leadId: string
  readonly threadId: string
  readonly author: string
}

export function comment(
  id: string,
  { org, leadId, threadId, author }: CommentFacts,
  times: Times,
): JsonRecord {
  return {
    id,
    organization_id: org.id,
    thread_id: threadId,
    lead_id: leadId,
    body: `<body><p>${createRandom(id).pick(SENTENCES)}</p></body>`,
    mentions: [],
    removed_at: null,
    removed_by: null,
    created_by: author,
    updated_by: author,
    ...dates(times),
  }
}

/** Comments are among the objects whose dates have names of their own. */
function dates({ created, updated }: Times): JsonRecord {
  return { created_at: instant(created), updated_at: instant(updated) }
}
