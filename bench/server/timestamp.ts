const START = Date.UTC(2024, 0, 1)

/** The timestamp so many seconds after the start of 2024, with microseconds and an offset: `2024-01-01T00:01:00.000000+00:00`. */
export function timestampAt(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString().replace('Z', '000+00:00')
}

/** The seconds after the start of 2024 that a timestamp is at, with fractions. */
export function secondsOf(timestamp: string): number {
  return (Date.parse(timestamp) - START) / 1000
}
