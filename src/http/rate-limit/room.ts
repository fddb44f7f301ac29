/**
 * How many requests of a group may be under way at the same time: `most`, but fewer for a while after the API has refused
 * one. The first after a refusal goes alone; each that is answered makes room for one more.
 */
export interface Room {
  readonly size: number
  /** What is left is unknown: the next request goes alone. */
  probe(): void
  /** As many as now were too many. */
  halve(): void
  /** A request was answered. `known`: the answer says how much is left, so that nothing needs trying. */
  answered(how: 'known' | 'unknown'): void
}

/** So many answers without a refusal make up for a part of the last one. */
const ANSWERS_TO_RECOVER = 100

/**
 * @param isPaced whether starts are kept apart besides: a refusal now and then is then due to the way to the server, and
 *   more than one while answers make up for it is due to the API
 */
export function createRoom(most: number, { isPaced }: { readonly isPaced: boolean }): Room {
  let size = most
  let ceiling = most
  let answers = 0
  /** After how many answers nothing is left of the last refusal. */
  let madeUpAfter = 0
  return {
    get size() {
      return size
    },
    probe() {
      size = 1
      answers = 0
    },
    halve() {
      const isForgiven = isPaced && madeUpAfter === 0
      madeUpAfter = ANSWERS_TO_RECOVER
      // That one alone is refused says nothing about how many are too many.
      if (size > 1 && !isForgiven) ceiling = Math.floor(size / 2)
    },
    answered(how) {
      if (madeUpAfter > 0) madeUpAfter--
      if (++answers % ANSWERS_TO_RECOVER === 0) ceiling = Math.min(most, ceiling + 1)
      size = how === 'known' ? ceiling : Math.min(ceiling, size + 1)
    },
  }
}
