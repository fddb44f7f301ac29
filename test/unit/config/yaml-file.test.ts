import { describe, expect, it } from 'vitest'
import type { Path } from '../../../src/config/problem.ts'
import { parseYaml } from '../../../src/config/yaml-file.ts'

const faultsOf = (text: string) => {
  const file = parseYaml('a.yaml', text)
  return file.faults.map(({ span, message }) => {
    const { line, column } = file.position(span.start)
    return `${line}:${column} ${message}`
  })
}

/** What the file says stands at a path. */
function textAt(
  text: string,
  path: Path,
): { depth: number; key: string | null; value: string | null } {
  const { depth, key, value } = parseYaml('a.yaml', text).locate(path)
  const cut = (span: { start: number; end: number } | null) =>
    span && text.slice(span.start, span.end).trimEnd()
  return { depth, key: cut(key), value: cut(value) }
}

describe('parseYaml', () => {
  it('keeps dates and times text', () => {
    expect(parseYaml('a.yaml', 'a: 2024-01-01\nb: 2024-01-01T00:00:00Z\nc: 12:30').value).toEqual({
      a: '2024-01-01',
      b: '2024-01-01T00:00:00Z',
      c: '12:30',
    })
  })

  it('is YAML 1.2: yes and no are text', () => {
    expect(parseYaml('a.yaml', 'a: yes\nb: no\nc: on\nd: true').value).toEqual({
      a: 'yes',
      b: 'no',
      c: 'on',
      d: true,
    })
  })

  it('merges maps with <<', () => {
    const text = 'a: &base { x: 1, y: 2 }\nb:\n  <<: *base\n  y: 3\n'
    expect(parseYaml('a.yaml', text).value).toMatchObject({ b: { x: 1, y: 3 } })
    expect(textAt(text, ['b', 'x'])).toEqual({ depth: 2, key: 'x', value: '1' })
    expect(textAt(text, ['b', 'y'])).toEqual({ depth: 2, key: 'y', value: '3' })
  })

  it.each([
    ['a:\n\tb: 1', '2:1 a tab can not indent YAML; use spaces'],
    ['a: 1\nb: 2\na: 3', '3:1 this key is here twice; keep one'],
    [
      'a: *nope',
      '1:4 no anchor (&name) for this alias; quote the text when it starts with an asterisk',
    ],
    ['a: !env X', '1:4 unknown YAML tag; quote the text when it starts with an exclamation mark'],
    ['a: 1\n---\nb: 2', '2:1 a second document starts here; keep one per file'],
  ])('says what is wrong with %j', (text, expected) => {
    expect(faultsOf(text)).toContain(expected)
  })

  it.each(['- a: 1\n   b: 2\n  c: 3', 'a: "x', 'a: [1, 2', 'a: b: c', '{', '@x', '%', '? [a'])(
    'finds a fault in %j without throwing',
    (text) => {
      expect(faultsOf(text).length).toBeGreaterThan(0)
    },
  )

  it('reports what it trips over once, not every token after it', () => {
    const faults = faultsOf(
      'auth: { type: bearer, token: ${TOKEN} }\nendpoints:\n  - name: leads\n',
    )
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(/^1:31 .*put quotes around text with braces/)
  })

  it('refuses aliases that expand without end', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 9; i++) lines.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]`)
    expect(faultsOf(lines.join('\n'))[0]).toContain('expand to too much')
  })

  it('is empty for an empty file', () => {
    expect(parseYaml('a.yaml', '').value).toBeNull()
    expect(parseYaml('a.yaml', '# nothing\n').position(0)).toEqual({ line: 1, column: 1 })
  })
})

describe('locate', () => {
  const text = `endpoints:
  - name: leads
    404: skip
    params: &p { a: 1 }
  - params: *p
    empty:
`
  it('finds keys and values, in lists, through aliases, and where the key is a number', () => {
    expect(textAt(text, ['endpoints', 0, 'name'])).toEqual({
      depth: 3,
      key: 'name',
      value: 'leads',
    })
    expect(textAt(text, ['endpoints', 0, '404'])).toMatchObject({ key: '404', value: 'skip' })
    expect(textAt(text, ['endpoints', 1, 'params', 'a'])).toEqual({
      depth: 4,
      key: 'a',
      value: '1',
    })
  })

  it('gives the nearest that is there', () => {
    expect(textAt(text, ['endpoints', 0, 'params', 'b', 'c'])).toMatchObject({
      depth: 3,
      key: 'params',
    })
    expect(textAt(text, ['endpoints', 7])).toMatchObject({ depth: 1, key: 'endpoints' })
    expect(textAt(text, ['nope'])).toMatchObject({ depth: 0, key: null })
    expect(textAt(text, ['endpoints', 1, 'empty', 'x'])).toMatchObject({ depth: 3, key: 'empty' })
  })
})
