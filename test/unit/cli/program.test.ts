import { join } from 'node:path'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import { recordEffects } from './effects.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-cli-'))
  await writeFile(
    join(folder, 'pipelines.yaml'),
    'destinations: { local: { type: sqlite, path: x.db } }\npipelines: { one: { source: one.yaml } }\n',
  )
  await writeFile(
    join(folder, 'one.yaml'),
    'base_url: http://127.0.0.1:1\nauth: { type: bearer, token: "${KEY}" }\nendpoints: [{ name: a, path: /a }]\n',
  )
})
afterEach(() => rm(folder, { recursive: true }))

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const effects = { ...recordEffects(), env }
  const code = await runProgram(argv, effects)
  return { code, out: effects.out(), err: effects.err(), effects }
}

describe('the command line', () => {
  it.each([
    [['snyc'], "unknown command 'snyc'", 'did you mean sync?'],
    [['sync', '--full-refesh'], "unknown option '--full-refesh'", 'did you mean --full-refresh?'],
    [['--progress', 'none!', 'sync'], 'did you mean "none"?', ''],
    [['-q', '-v', 'sync'], "'-q, --quiet' cannot be used with option '-v, --verbose'", ''],
    [['preview', 'one'], "required option '-e, --endpoint <name>' not specified", ''],
    [['preview', 'one', 'two', '-e', 'a'], 'too many arguments', ''],
    [['sync', '-e', 'a,,b'], 'expected names between commas', ''],
    [['sync', '--max-pages', '0'], 'expected a whole number of at least 1', ''],
    [['status', '--max-age', '2 hours'], 'expected a duration such as 30m, 2h or P1D', ''],
    [['sandbox', '--ends-at', 'soon'], 'expected a day such as 2024-01-31', ''],
    [['sandbox', '--rps', '0'], 'expected a number above 0', ''],
  ])('%j is refused with exit code 2', async (argv, message, hint) => {
    const { code, out, err } = await run(argv)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain('error [USAGE] ')
    expect(err).toContain(message)
    expect(err).toContain(hint)
  })

  it('takes global options before and after the command', async () => {
    const config = join(folder, 'pipelines.yaml')
    const env = { KEY: 'k' }
    const before = await run(['--config', config, '--json', 'check', '--offline'], env)
    const after = await run(['check', '--offline', '--json', '--config', config], env)
    expect(before).toMatchObject({ code: 0, out: after.out })
    expect(JSON.parse(after.out)).toMatchObject({ pipeline: 'one', status: 'ok' })
  })

  it('reads variables from the environment it is given', async () => {
    const { code, err } = await run(['check', '--config', join(folder, 'pipelines.yaml')])
    expect(code).toBe(2)
    expect(err).toContain('KEY is not set')
  })

  it('reports what nothing caught without what hangs on it, and stops', async () => {
    const argv = ['check', '--offline', '--config', join(folder, 'pipelines.yaml')]
    const { effects } = await run(argv, { KEY: 'canary-123' })
    effects.throwUncaught(Object.assign(new Error('with canary-123'), { headers: 'canary-123' }))
    expect(effects.exits).toEqual([1])
    expect(effects.err()).toContain('error [INTERNAL] with ***')
    expect(effects.err()).not.toContain('canary')
  })
})
