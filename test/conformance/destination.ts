import { describe } from 'vitest'
import type { DestinationType } from '../support/databases.ts'
import { deletesConformance } from './destination/deletes.ts'
import { loadConformance } from './destination/load.ts'
import { mergeConformance } from './destination/merge.ts'
import { queryConformance } from './destination/query.ts'
import { schemaConformance } from './destination/schema.ts'
import { stageConformance } from './destination/stage.ts'
import { unchangedConformance } from './destination/unchanged.ts'
import { valueConformance } from './destination/values.ts'

const SUITES = {
  merge: mergeConformance,
  'what is unchanged': unchangedConformance,
  'append and replace': stageConformance,
  deletes: deletesConformance,
  schema: schemaConformance,
  values: valueConformance,
  'a load': loadConformance,
  'a query': queryConformance,
}

/** What every destination has to do, however it does it. */
export function destinationConformance(type: DestinationType): void {
  describe.each(Object.entries(SUITES))('%s', (_, suite) => {
    suite(type)
  })
}
