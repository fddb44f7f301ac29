import type { Output } from './effects.ts'
import { toLine, truncate } from './text-width.ts'

/** Lines at the bottom of a terminal that are redrawn in place. */
export interface LiveLines {
  add(name: string, describe: () => string): void
  /** Ends a live line and leaves `text` above the others in its place. */
  remove(name: string, text: string): void
  /** Writes a line above the live ones. */
  readonly above: (text: string) => void
  readonly stop: () => void
}

interface Slot {
  /** Null while no line is shown in this place. */
  name: string | null
  describe: () => string
}

const REDRAWS_PER_SECOND = 8
/** What stood on the line before may have been longer. */
const CLEAR_TO_RIGHT = '\u001b[K'

export async function createLiveLines(stream: Output): Promise<LiveLines> {
  const { MultiBar } = (await import('cli-progress')).default
  const bars = new MultiBar({
    stream,
    fps: REDRAWS_PER_SECOND,
    format: (_options, _params, slot: Slot) =>
      truncate(toLine(slot.describe()), (stream.columns ?? 80) - 1),
    // A line that moves because of one written above it must be drawn again, changed or not.
    forceRedraw: true,
    clearOnComplete: true,
    // Lines are cut to fit; a terminal whose wrapping is off would stay so when the process is killed.
    linewrap: true,
    gracefulExit: false,
  })
  // Places are reused and never removed: a MultiBar loses count of its lines when one is.
  const slots: Slot[] = []
  let waiting: string[] = []
  let live = true
  bars.on('update-pre', () => {
    for (const text of waiting) bars.log(`${text}${CLEAR_TO_RIGHT}\n`)
    waiting = []
  })
  const above = (text: string) => {
    if (live && slots.length > 0) waiting.push(text)
    else stream.write(`${text}\n`)
  }
  return {
    above,
    add(name, describe) {
      const free = slots.find((slot) => slot.name === null)
      if (free) {
        Object.assign(free, { name, describe })
      } else {
        const slot: Slot = { name, describe }
        slots.push(slot)
        bars.create(1, 0, slot)
      }
    },
    remove(name, text) {
      above(text)
      const slot = slots.find((slot) => slot.name === name)
      if (slot) Object.assign(slot, { name: null, describe: () => '' })
    },
    stop() {
      if (!live) return
      live = false
      bars.stop()
      for (const text of waiting) stream.write(`${text}\n`)
    },
  }
}
