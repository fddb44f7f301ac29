export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export type LogFields = Readonly<Record<string, unknown>>

/** Where messages about a run go. Passed in, never imported; silent unless the caller provides one. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** The same logger with fields added to every message. */
  child(fields: LogFields): Logger
}

const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** A logger that hands every message at or above `level` to `write`. */
export function createLogger(
  write: (level: LogLevel, message: string, fields: LogFields) => void,
  level: LogLevel = 'info',
  bound: LogFields = {},
): Logger {
  const at =
    (own: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (LEVELS[own] >= LEVELS[level]) write(own, message, { ...bound, ...fields })
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => createLogger(write, level, { ...bound, ...fields }),
  }
}

export const silentLogger: Logger = createLogger(() => {}, 'error')
