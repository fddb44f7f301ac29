import { describe } from 'vitest'
import { destinationConformance } from '../../conformance/destination.ts'
import { destinationTypes } from '../../support/databases.ts'

describe.each(destinationTypes)('%s', (type) => {
  destinationConformance(type)
})
