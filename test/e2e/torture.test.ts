import { describe, expect, it } from 'vitest'
import { openDatabases } from '../../torture/databases.ts'
import { createReport, total } from '../../torture/report.ts'
import { playAppend, playRound } from '../../torture/rounds.ts'
import { destinationTypes } from '../support/databases.ts'

/** Choices follow from it; at which instant a signal comes does not. */
const SEED = 3

describe.each(destinationTypes)('torture, %s', (type) => {
  it('leaves what an undisturbed run leaves', { timeout: 120_000 }, async () => {
    await using databases = await openDatabases(type)
    const report = createReport()
    await playAppend(SEED, databases, report, 3)
    // A whole round takes most of a minute: the others have theirs with `npm run torture`.
    if (type === 'sqlite') await playRound(SEED, databases, report, 2)
    expect(report.differences).toEqual([])
    expect(total(report.kills)).toBeGreaterThanOrEqual(3)
    expect(report.faults.size).toBeGreaterThan(type === 'sqlite' ? 3 : -1)
  })
})
