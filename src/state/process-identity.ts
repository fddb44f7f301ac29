import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Which process holds a lock, so that another can tell whether it still runs. */
export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
  /**
   * On Linux the boot, the pid namespace and the start time, by which a pid means one process for good; elsewhere
   * empty.
   */
  readonly process: string
}

export function thisProcess(): ProcessIdentity {
  return { host: hostname(), pid: process.pid, process: fingerprint(process.pid) }
}

/**
 * Whether a process runs, as far as that is certain. A process of another host, or of another container or machine
 * that shares the host's name, can't be seen from here; nor can a process from before a reboot be told from one of
 * such a machine, nor, where there are no fingerprints, which process has a pid now.
 */
export function processState(holder: ProcessIdentity): 'alive' | 'gone' | 'unknown' {
  if (holder.host !== hostname()) return 'unknown'
  const [boot, namespace] = holder.process.split(' ')
  const own = fingerprint(process.pid)
  if ((holder.process === '') !== (own === '')) return 'unknown'
  const [ownBoot, ownNamespace] = own.split(' ')
  if (boot !== ownBoot || namespace !== ownNamespace) return 'unknown'
  // The pid may have been given to another process since.
  if (!isAlive(holder.pid) || fingerprint(holder.pid) !== holder.process) return 'gone'
  return holder.process === '' ? 'unknown' : 'alive'
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function fingerprint(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const namespace = readlinkSync('/proc/self/ns/pid')
    // The second field is the program's name in parentheses and may hold spaces; the start time is the 22nd.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return `${boot} ${namespace} ${fields[19]}`
  } catch {
    return ''
  }
}
