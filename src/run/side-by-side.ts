/** One piece of work, known by its name, that others may have to wait for. */
export interface Task {
  readonly name: string
  /** Names of tasks that have to end first; those that are not there are not waited for. */
  readonly after: readonly string[]
  run(): Promise<void>
}

export interface SideBySideOptions {
  /** Most tasks under way at the same time. */
  readonly limit: () => number
  /** Called before each task begins; true ends the beginning of tasks. */
  readonly isOver: () => boolean
}

/** Tasks that are under way. */
export interface SideBySide {
  /** Resolves when nothing is under way any more, and nothing is left that may begin. */
  readonly done: Promise<void>
  /** To be called when the limit may have changed. */
  look(): void
}

/**
 * Runs tasks side by side, each once those that it has to wait for have ended, otherwise in their order. Their waiting for
 * each other must have no circle. A task must not throw.
 */
export function runSideBySide(
  tasks: readonly Task[],
  { limit, isOver }: SideBySideOptions,
): SideBySide {
  const waiting = [...tasks]
  const ended = new Set<string>()
  const names = new Set(tasks.map(({ name }) => name))
  let running = 0
  let finish = (): void => {}
  const done = new Promise<void>((resolve) => (finish = resolve))

  const isReady = ({ after }: Task): boolean =>
    after.every((name) => ended.has(name) || !names.has(name))

  function look(): void {
    while (running < limit() && !isOver()) {
      const at = waiting.findIndex(isReady)
      if (at === -1) break
      const [task] = waiting.splice(at, 1)
      running++
      void task!.run().finally(() => {
        running--
        ended.add(task!.name)
        look()
      })
    }
    if (running === 0) finish()
  }

  look()
  return { done, look }
}
