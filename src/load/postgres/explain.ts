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
  if (code === '0A000' && /used by a view/.test(String(message))) return viewHint(error)
  if (typeof code === 'string') return HINTS[code]
  if (typeof message !== 'string') return undefined
  if (/timeout/i.test(message)) return HINTS.ETIMEDOUT
  if (/terminated unexpectedly|not queryable/i.test(message)) return HINTS.ECONNRESET
  return /ssl/i.test(message) ? 'set sslmode in the connection string' : undefined
}

/** Classes of SQLSTATE: data exception, integrity constraint violation, program limit exceeded. */
const VALUE_CLASSES: ReadonlySet<string> = new Set(['22', '23', '54'])

/**
 * Whether an error is about a value: one too large for its type or for an index, one that breaks a constraint that
 * somebody has added to a table, or the keys of a record with more of them than a table has columns.
 */
export function isBadPostgresValue(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && code.length === 5 && VALUE_CLASSES.has(code.slice(0, 2))
}

/** Postgres changes no column that a view reads; its detail says `rule _RETURN on view v depends on ...`. */
function viewHint(error: unknown): string {
  const view = /\bon ((?:materialized )?view .+?) depends/.exec(
    String((error as { detail?: unknown }).detail),
  )
  return `${view?.[1] ?? 'a view'} reads a column that has to become wider: drop it, run again, and create it again`
}
