import { setMaxListeners } from 'node:events'

/**
 * A controller that is aborted with `parent`, for the same reason, or by itself. `AbortSignal.any` would keep something of
 * each for as long as the parent lives, and a run has as many as it has lists.
 */
export function followAbort(parent: AbortSignal): AbortController {
  const own = new AbortController()
  // Every request under way listens, and they are many.
  setMaxListeners(0, own.signal)
  const follow = (): void => own.abort(parent.reason)
  if (parent.aborted) follow()
  parent.addEventListener('abort', follow, { once: true })
  own.signal.addEventListener('abort', () => parent.removeEventListener('abort', follow), {
    once: true,
  })
  return own
}
