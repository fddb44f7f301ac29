import type { QueryResult } from '../../src/load/destination.ts'

/** A query of a page of docs. */
export interface DocQuery {
  readonly sql: string
  /** What the page shows of its result, the names of the columns first; null where it shows nothing. */
  readonly output: readonly (readonly string[])[] | null
}

/** The `sql` blocks of a page, each with the plain block right behind it, if there is one. */
export function docQueries(page: string): readonly DocQuery[] {
  const blocks = [...page.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, content]) => ({
    language,
    content: content!,
  }))
  return blocks.flatMap(({ language, content: sql }, i) => {
    const next = blocks[i + 1]
    if (language !== 'sql') return []
    return [{ sql, output: next?.language === '' ? cells(next.content) : null }]
  })
}

/** A result as a page shows it: the names of the columns, then the rows. */
export function asOutput({ columns, rows }: QueryResult): readonly (readonly string[])[] {
  return [columns, ...rows].map((row) => row.map(String))
}

function cells(block: string): readonly (readonly string[])[] {
  return block
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/))
}
