import type { JsonRecord } from '../../core/json.ts'
import type { Entry } from '../data/collection.ts'
import type { World } from '../data/world.ts'
import { groupBy } from './group-by.ts'
import type { Period } from './report-metrics.ts'

const KINDS = {
  lead: { of: 'leads', change: 'LeadStatusChange', key: 'lead_id', settings: 'status/lead' },
  opportunity: {
    of: 'opportunities',
    change: 'OpportunityStatusChange',
    key: 'opportunity_id',
    settings: 'status/opportunity',
  },
} as const

/** From one status to another; null is where an object had none yet. */
interface Transition {
  readonly from: string | null
  readonly to: string
}

/** How many objects were in each status when the period began and ended, and how they got there; null: over all time. */
export function statusReport(
  world: World,
  kind: keyof typeof KINDS,
  period: Period | null,
): JsonRecord {
  const { of, settings } = KINDS[kind]
  const objects = world[of].list('id')
  const changes = changesByObject(world, kind)
  const { from, to } = period ?? { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER }
  const states = objects.map((object) => {
    const own = changes.get(object.id) ?? []
    const steps = own.filter(({ created }) => created >= from && created < to).map(transitionOf)
    return { before: statusAt(object, own, from), after: statusAt(object, own, to), steps }
  })
  const steps = states.flatMap(({ before, steps }) => {
    const first = steps[0]?.from ?? null
    return before === null && first !== null ? [{ from: null, to: first }, ...steps] : steps
  })
  const overview = world.settings[settings].inOrder().map(({ id, record }) => {
    const count = (holds: (state: (typeof states)[number]) => boolean) =>
      states.filter(holds).length
    const started = count(({ before }) => before === id)
    const ended = count(({ after }) => after === id)
    return {
      status_id: id,
      status_label: record.label!,
      status_is_deleted: false,
      ended,
      ...(period && {
        started,
        change: ended - started,
        change_percent: started === 0 ? 0 : Math.round(((ended - started) / started) * 100),
        gained: count(({ before, after }) => before !== id && after === id),
        lost: count(({ before, after }) => before === id && after !== id),
        entered: steps.filter(({ to }) => to === id).length,
        left: steps.filter(({ from }) => from === id).length,
      }),
    }
  })
  const summary = states.flatMap(({ before, after }) =>
    after !== null && before !== after ? [{ from: before, to: after }] : [],
  )
  return {
    status_overview: overview,
    status_transitions: counted(world, settings, steps),
    status_transitions_summary: counted(world, settings, summary),
  }
}

function changesByObject(world: World, kind: keyof typeof KINDS): Map<string, Entry[]> {
  const { change, key } = KINDS[kind]
  const changes = world.activities
    .list('date_created')
    .filter(({ record }) => record._type === change)
  return groupBy(changes, ({ record }) => record[key] as string)
}

/** The status of an object at a time: what the next change took it out of, or what it is in now. */
function statusAt(object: Entry, changes: readonly Entry[], at: number): string | null {
  if (object.created >= at) return null
  const next = changes.find(({ created }) => created >= at)
  return (next ? next.record.old_status_id : object.record.status_id) as string
}

function transitionOf({ record }: Entry): Transition {
  return { from: record.old_status_id as string, to: record.new_status_id as string }
}

function counted(
  world: World,
  settings: 'status/lead' | 'status/opportunity',
  transitions: readonly Transition[],
): JsonRecord[] {
  const label = (id: string | null) =>
    id === null ? null : (world.settings[settings].get(id)?.record.label ?? null)
  const isDeleted = (id: string | null) => (id === null ? null : label(id) === null)
  return [...groupBy(transitions, ({ from, to }) => `${from} ${to}`).values()].map((same) => {
    const { from, to } = same[0]!
    return {
      from_status_id: from,
      from_status_label: label(from),
      from_status_is_deleted: isDeleted(from),
      to_status_id: to,
      to_status_label: label(to),
      to_status_is_deleted: isDeleted(to),
      count: same.length,
    }
  })
}
