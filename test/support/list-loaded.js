// For `node --import`: writes the URL of each module that is loaded, one a line, into the file that LOADED names.
import { appendFileSync, writeFileSync } from 'node:fs'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// Node calls hooks in a thread of their own, which loads this file once more.
if (isMainThread) {
  writeFileSync(process.env.LOADED, '')
  register(import.meta.url)
}

export function load(url, context, nextLoad) {
  appendFileSync(process.env.LOADED, `${url}\n`)
  return nextLoad(url, context)
}
