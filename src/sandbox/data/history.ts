import type { JsonRecord } from '../../core/json.ts'
import type { Draft } from './draft.ts'
import { EVENT_RETENTION_MS, type Happening } from './event-log.ts'
import { childEventType } from './event-types.ts'
import type { Family } from './family.ts'
import { CHILD_KINDS } from './world-data.ts'

/**
 * What happened in the weeks before `endsAt` that explains how leads came to be as they are, the oldest first. Nothing
 * older is told: the log would not show it.
 */
export function recentHistory(families: readonly Family[], endsAt: number): Happening[] {
  const oldest = endsAt - EVENT_RETENTION_MS
  const happenings: Happening[] = []
  const add = (
    typeOf: (object: JsonRecord) => string | null,
    draft: Draft,
    leadId: string,
  ): void => {
    const { created, updated } = draft
    if (updated < oldest) return
    const object = draft.record
    const objectType = typeOf(object)
    if (objectType === null) return
    const happening = { objectType, object, leadId, userId: userOf(object) }
    if (created >= oldest) happenings.push({ ...happening, action: 'created', at: created })
    if (updated === created) return
    const completed = objectType === 'task.lead' && object.is_complete === true
    happenings.push({
      ...happening,
      action: completed ? 'completed' : 'updated',
      at: updated,
      ...(completed ? {} : { previous: previousDate(object) }),
    })
  }
  for (const family of families) {
    const { lead } = family
    add(() => 'lead', lead, lead.id)
    for (const kind of CHILD_KINDS) {
      for (const draft of family[kind])
        add((record) => childEventType(kind, record), draft, lead.id)
    }
  }
  return happenings.sort((a, b) => a.at - b.at || (a.object.id! < b.object.id! ? -1 : 1))
}

/** Who last changed an object; null for an import. */
function userOf(record: JsonRecord): string | null {
  return (record.updated_by ?? record.updated_by_id ?? record.user_id ?? null) as string | null
}

function previousDate(record: JsonRecord): JsonRecord {
  return record.date_created === undefined
    ? { updated_at: record.created_at! }
    : { date_updated: record.date_created }
}
