import { fileURLToPath } from 'node:url'
import type { Database } from './databases/database.ts'
import type { Measure } from './measure.ts'
import type { Stage } from './stage.ts'

/**
 * Reads a list by hand into a database where Sluice has read it before, and fails unless both then hold the
 * same: only then may the time that one took be held against that of the other.
 */
export async function readByHand(
  { meter, server }: Stage,
  list: string,
  { type, floorArguments, compare }: Database,
): Promise<Measure> {
  const program = fileURLToPath(new URL(`floors/${type}.js`, import.meta.url))
  const measure = await meter.node([program, `${server.url}/${list}`, ...floorArguments])
  await compare()
  return measure
}
