import { describe, expect, it } from 'vitest'
import { parseEnvFile } from '../../../src/config/env-file.ts'

const valuesOf = (text: string) => parseEnvFile(text).values

describe('parseEnvFile', () => {
  it('reads plain, exported and quoted values', () => {
    expect(
      valuesOf(`A=1\nexport B = two words \nC='it is $raw \\n'\nD="say \\"hi\\"\\n"\nE=\nF=\`x\``),
    ).toEqual({ A: '1', B: 'two words', C: 'it is $raw \\n', D: 'say "hi"\n', E: '', F: 'x' })
  })

  it('takes a # for a comment only behind a space', () => {
    expect(valuesOf('# top\nA=a#b\nB=a # b\nC="a # b" # c\nD=#x\n  # end')).toEqual({
      A: 'a#b',
      B: 'a',
      C: 'a # b',
      D: '#x',
    })
  })

  it('reads quoted values over several lines, and goes on behind them', () => {
    expect(valuesOf('KEY="-----BEGIN\nabc=\n-----END"\nB=2')).toEqual({
      KEY: '-----BEGIN\nabc=\n-----END',
      B: '2',
    })
  })

  it('does not mind Windows line ends and a byte order mark', () => {
    expect(valuesOf('\uFEFFA=1\r\nB="x"\r\n')).toEqual({ A: '1', B: 'x' })
  })

  it('keeps = and $ in values', () => {
    expect(valuesOf('URL=postgres://u:p@h/d?a=b\nX=${A}')).toEqual({
      URL: 'postgres://u:p@h/d?a=b',
      X: '${A}',
    })
  })

  it('names lines that are nothing, an unclosed quote among them, and reads the rest', () => {
    expect(parseEnvFile('A=1\nnonsense\n1B=2\nC="open\nD=4\n\nE="x" y')).toEqual({
      values: { A: '1', D: '4' },
      badLines: [2, 3, 4, 7],
    })
  })

  it('lets the last of several equal names win', () => {
    expect(valuesOf('A=1\nA=2')).toEqual({ A: '2' })
  })
})
