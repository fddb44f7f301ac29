import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../src/core/errors.ts'

const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
const sections = text.split(/^## /m).slice(1)
const titleOf = (section: string) => section.slice(0, section.indexOf('\n')).trim()

describe('docs/errors.md', () => {
  it('has one section per code, and none for codes that are gone', () => {
    expect(sections.map(titleOf).sort()).toEqual([...ERROR_CODES].sort())
  })

  it.each(sections.map((section) => [titleOf(section), section]))(
    '%s says what happened, what was kept and what to do',
    (_, section) => {
      expect(section).toMatch(
        /^- \*\*Cause:\*\* \S[^]*^- \*\*Kept:\*\* \S[^]*^- \*\*Way out:\*\* \S/m,
      )
    },
  )
})
