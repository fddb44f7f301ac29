import { childRecords, type ChildKind } from '../data/world-data.ts'
import type { World } from '../data/world.ts'
import type { CloseApi } from './api.ts'
import { PLAIN } from './list.ts'

/** Today's shapes: a lead embeds its contacts, opportunities and tasks; everything else is as it is. */
export function currentShapes(world: World): CloseApi['shapes'] {
  const embedded = (kind: ChildKind, leadId: string) =>
    childRecords(world, kind, leadId).map(({ record }) => record)
  return {
    lead: {
      name: 'lead',
      view: ({ id, record }) => ({
        ...record,
        contacts: embedded('contacts', id),
        opportunities: embedded('opportunities', id),
        tasks: embedded('tasks', id),
      }),
    },
    contact: PLAIN,
    opportunity: PLAIN,
    task: PLAIN,
    activity: PLAIN,
  }
}
