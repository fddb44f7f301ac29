import { comparePositions, type Position } from './cursor.ts'

/** Watches whether a list is sorted as its configuration says. */
export interface OrderCheck {
  add(position: Position): void
  /** Whether nothing so far contradicts the order. Never for an order of `none`. */
  readonly holds: () => boolean
  /** Whether, besides, two different positions have shown which way the list goes. */
  readonly isProven: () => boolean
}

/** @param onBroken told once, with the two positions that are in the wrong order */
export function createOrderCheck(
  order: 'asc' | 'desc' | 'none',
  onBroken: (position: Position, before: Position) => void,
): OrderCheck {
  let holds = order !== 'none'
  let proven = false
  let last: Position | null = null
  return {
    holds: () => holds,
    isProven: () => holds && proven,
    add(position) {
      const step = last === null ? 0 : comparePositions(position, last)
      if (holds && step !== 0) {
        proven = true
        if (step < 0 !== (order === 'desc')) {
          holds = false
          onBroken(position, last!)
        }
      }
      last = position
    },
  }
}
