import { leadAsServed, threadAsServed } from '../data/lists.ts'
import type { World } from '../data/world.ts'
import type { CloseApi } from './api.ts'
import { PLAIN } from './list.ts'

/** Today's shapes: a lead embeds its contacts, opportunities and tasks, a conversation its emails; all else is as it is. */
export function currentShapes(world: World): CloseApi['shapes'] {
  return {
    lead: { name: 'lead', view: (entry) => leadAsServed(world, entry) },
    contact: PLAIN,
    opportunity: PLAIN,
    task: PLAIN,
    activity: {
      name: 'activity',
      view: (entry) =>
        entry.record._type === 'EmailThread' ? threadAsServed(world, entry) : entry.record,
    },
  }
}
