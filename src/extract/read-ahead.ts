import { stringifyJson } from '../core/json.ts'
import type { RestRequest, RestResponse } from '../http/types.ts'
import type { PageBudget, Room } from './page-budget.ts'

/** Sends a request; everything about retries, limits and credentials is the client's business. */
export type Send = (request: RestRequest) => Promise<RestResponse>

/** Requests of one list that are sent before they are asked for. */
export interface ReadAhead {
  /** The answer to a request: one that is under way or here already, or one that is asked for now. */
  send(request: RestRequest): Promise<RestResponse>
  /**
   * Sends what will be asked for next, if it all comes as expected.
   *
   * @param requestAfter the n-th request from here, 1 being the very next; null where there is none to be expected
   * @param bytes of a response as they come
   * @param known how many requests are known to be left; null where nothing says so
   * @param most more than these will not be asked for
   */
  plan(
    requestAfter: (n: number) => RestRequest | null,
    about: { readonly bytes: number; readonly known: number | null; readonly most: number },
  ): void
  /** Gives up what has been sent: the list is not what it was. */
  drop(): void
}

interface Sent {
  readonly answer: Promise<RestResponse>
  readonly room: Room
}

/** A list of which more than these, and one in ten, requests are not as expected is read one request at a time. */
const MAX_MISSES = 3

/** A list whose length is not known gets so many pages for each one beyond the next that is asked for ahead. */
const PAGES_PER_GUESS = 3

/**
 * Sends requests of a list ahead, in the order in which they will be asked for. Without knowing how long the list is, they
 * become more with the pages that came as expected: a small list costs no request in vain, a long one few.
 *
 * @param depth most requests under way or waiting
 */
export function createReadAhead(
  send: Send,
  { depth, budget }: { readonly depth: number; readonly budget: PageBudget },
): ReadAhead {
  const sent = new Map<string, Sent>()
  let hits = 0
  let inARow = 0
  let misses = 0

  function drop(): void {
    for (const { answer, room } of sent.values()) {
      // What is under way still comes, and needs its room until then.
      const giveBack = () => room.giveBack()
      void answer.then(giveBack, giveBack)
    }
    sent.clear()
    inARow = 0
  }

  return {
    async send(request) {
      const key = keyOf(request)
      const ahead = sent.get(key)
      if (!ahead) {
        if (sent.size > 0) {
          misses++
          drop()
        }
        return send(request)
      }
      sent.delete(key)
      hits++
      inARow++
      try {
        return await ahead.answer
      } finally {
        ahead.room.giveBack()
      }
    },
    plan(requestAfter, { bytes, known, most }) {
      if (misses > MAX_MISSES + hits / 10) return
      const likely = 1 + Math.floor(inARow / PAGES_PER_GUESS)
      const count = Math.min(depth, known ?? likely, most)
      for (let n = 1; n <= count; n++) {
        const request = requestAfter(n)
        if (!request) return
        const key = keyOf(request)
        if (sent.has(key)) continue
        const room = budget.take(bytes)
        if (!room) return
        const answer = send(request)
        // A failure is told to whoever asks for the answer, if anyone does.
        answer.catch(() => {})
        sent.set(key, { answer, room })
      }
    },
    drop,
  }
}

function keyOf({ method, url, params, body }: RestRequest): string {
  return stringifyJson([method, url, { ...params }, body ?? null])
}
