import type { FailureKind } from '../destination.ts'

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there: check host and port, and that Postgres is running',
  ENOTFOUND: 'the host name is not known: check it in the connection string',
  EAI_AGAIN: 'the host name could not be looked up: check it, and the network',
  ETIMEDOUT: 'the host did not answer in time: check host, port and firewall',
  EHOSTUNREACH: 'the host cannot be reached: check it, and the network',
  ECONNRESET: 'the server closed the connection: check its log, then run again',
  '28P01': 'the password is wrong: check user and password in the connection string',
  '28000': 'the server does not let this user in: check the user, and pg_hba.conf on the server',
  '3D000': 'create the database first, or name another one in the connection string',
  '3F000': 'the schema of the dataset is gone: run a sync to make it again',
  '42501': 'grant the user CREATE on the database, and ownership of the schema of the dataset',
  '42P01': 'a table of the dataset was dropped while a run was going on: run again',
  '25006': 'the server only reads (a standby?): connect to the primary',
  '53100': 'the disk of the server is full: free some space and run again',
  '53300': 'the server has no free connections: close some, or raise max_connections',
  '57P01': 'the server was shut down: run again when it is back',
  '57P03': 'the server is starting up: run again in a moment',
}

/** What to do about an error of Postgres or of the network. */
export function explainPostgres(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (code === '0A000' && /cannot alter type of a column/.test(String(message)))
    return columnHint(error)
  if (code === '2BP01') return dependentHint(error)
  if (typeof code === 'string') return HINTS[code]
  if (typeof message !== 'string') return undefined
  if (/timeout/i.test(message)) return HINTS.ETIMEDOUT
  if (/terminated unexpectedly|not queryable/i.test(message)) return HINTS.ECONNRESET
  return /ssl/i.test(message) ? 'set sslmode in the connection string' : undefined
}

/** By SQLSTATE or the class of it: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const KINDS: Readonly<Record<string, FailureKind>> = {
  // Data exception, integrity constraint violation, program limit exceeded.
  22: 'value',
  23: 'value',
  54: 'value',
  // Connection exception; serialization failure and deadlock; shut down, crashed, starting up; no connection free.
  '08': 'passing',
  40: 'passing',
  '57P01': 'passing',
  '57P02': 'passing',
  '57P03': 'passing',
  53300: 'passing',
  '55P03': 'passing',
  // Disk full, out of memory; read-only; system error.
  53: 'lasting',
  25006: 'lasting',
  58: 'lasting',
}
const NETWORK =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EAI_AGAIN)$/
const CUT_OFF =
  /terminated unexpectedly|not queryable|Connection terminated|timeout exceeded when trying to connect|connection timeout/i

/**
 * What kind of failure an error is. About a value are those too large for their type or for an index, those that break a
 * constraint that somebody has added to a table, and the keys of a record with too many of them.
 */
export function judgePostgres(error: unknown): FailureKind | null {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code === 'string') {
    if (NETWORK.test(code)) return 'passing'
    if (code.length === 5) return KINDS[code] ?? KINDS[code.slice(0, 2)] ?? null
  }
  return typeof message === 'string' && CUT_OFF.test(message) ? 'passing' : null
}

/** Postgres drops no view that something needs; its detail says `view v depends on view leads_labeled`. */
function dependentHint(error: unknown): string {
  const [, dependent = 'something', view = 'a view of Sluice'] =
    /^(.+?) depends on (?:view|type) (.+?)(?:\[\])?$/m.exec(detailOf(error)) ?? []
  return `${dependent} needs ${view} as it is, which has to be made again: drop or alter it, run again, and bring it back`
}

/** Postgres changes no column that something reads; its detail says `rule _RETURN on view v depends on ...`. */
function columnHint(error: unknown): string {
  const [, reader = 'something'] =
    /^(?:rule _RETURN on )?(.+?) depends on /m.exec(detailOf(error)) ?? []
  return `${reader} reads a column that has to become wider: drop it, run again, and create it again`
}

function detailOf(error: unknown): string {
  return String((error as { detail?: unknown }).detail)
}
