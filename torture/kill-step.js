import { subscribe } from 'node:diagnostics_channel'
import Database from 'better-sqlite3'
import { Client } from 'pg'

// Preloaded into a run: kills it at a step of its work, the n-th time it comes there.
// KILL_AT is `after-fetch 3`: one of after-fetch, after-stage, before-commit and after-commit, and n.
const [step, times] = (process.env.KILL_AT ?? '').split(' ')
let left = Number(times)

function reach(name) {
  if (name === step && --left === 0) process.kill(process.pid, 'SIGKILL')
}

subscribe('http.client.response.finish', ({ response }) => {
  response.prependOnceListener('end', () => reach('after-fetch'))
})

/** The steps before and after a statement; null for one that is none. */
function stepsOf(sql) {
  if (/^\s*commit\s*$/i.test(sql)) return ['before-commit', 'after-commit']
  return /^\s*(?:insert|copy)\s/i.test(sql) ? [null, 'after-stage'] : null
}

/** Replaces a method of an object, or of all objects of a class. */
function wrap(target, name, around) {
  const method = target[name]
  target[name] = function (...parameters) {
    return around.call(this, () => method.apply(this, parameters), ...parameters)
  }
}

wrap(Database.prototype, 'prepare', (prepare, sql) => {
  const statement = prepare()
  const steps = stepsOf(sql)
  if (!steps) return statement
  wrap(statement, 'run', (run) => {
    reach(steps[0])
    const result = run()
    reach(steps[1])
    return result
  })
  return statement
})

wrap(Client.prototype, 'query', (query, config) => {
  const steps = stepsOf(typeof config === 'string' ? config : config?.text)
  if (!steps) return query()
  reach(steps[0])
  const result = query()
  // A COPY tells by an event that it has come to the server.
  if (typeof result?.then !== 'function') return result.once('end', () => reach(steps[1]))
  return result.then((answer) => {
    reach(steps[1])
    return answer
  })
})
