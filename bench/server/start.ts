import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Counts, Settings } from './control.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

/** The API that is read, in a process of its own. */
export interface Server {
  readonly url: string
  /** Changes how it behaves from now on, and sets its counts to zero. */
  set(settings: Settings): Promise<Counts>
  counts(): Promise<Counts>
  stop(): void
}

export async function startServer(): Promise<Server> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const url = line.toString().trim()
  const control = async (request: RequestInit): Promise<Counts> => {
    const response = await fetch(`${url}/control`, request)
    return (await response.json()) as Counts
  }
  return {
    url,
    set: (settings) => control({ method: 'PUT', body: JSON.stringify(settings) }),
    counts: () => control({}),
    stop: () => void child.kill(),
  }
}
