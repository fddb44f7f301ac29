import nock from 'nock'
import { afterEach, beforeAll } from 'vitest'

// Unit tests talk to this machine at most; what a test announced to nock must have been asked for.
beforeAll(() => {
  nock.disableNetConnect()
  nock.enableNetConnect(/^(?:127\.0\.0\.1|localhost|\[::1\]):\d+$/)
})

afterEach(() => {
  const pending = nock.pendingMocks()
  nock.cleanAll()
  if (pending.length > 0) throw new Error(`never requested: ${pending.join(', ')}`)
})
