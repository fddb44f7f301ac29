import type { JsonRecord } from '../../../../src/core/json.ts'
import { createWorld, type World } from '../../../../src/sandbox/data/world.ts'

export const makeWorld = (leads = 40) => createWorld({ leads, seed: 11 })

/** The last events of the log, the latest first. */
export function newest(world: World, count: number): readonly JsonRecord[] {
  return world.events
    .list()
    .slice(0, count)
    .map(({ record }) => record)
}

/** The events that a change writes, the first to happen first. */
export function eventsOf(world: World, change: () => void): readonly JsonRecord[] {
  const before = world.events.size
  change()
  return newest(world, world.events.size - before).toReversed()
}

/** `deleted contact`: what happened to what. */
export function told(events: readonly JsonRecord[]): string[] {
  return events.map(({ action, object_type: type }) => `${action as string} ${type as string}`)
}
