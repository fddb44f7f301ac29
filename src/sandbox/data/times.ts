export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const DAY = 86_400_000

/** `2026-06-19T12:05:28.327000+00:00`: how Close writes nearly every instant. Six digits, milliseconds matter. */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000+00:00`
}

/** `2026-06-19T12:05:28+00:00`: how some nested instants (meetings, due times) are written. */
export function shortInstant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`
}

/** `2026-06-19T12:05:28.327000`: UTC without saying so, as in events, pipelines and sequences. */
export function naiveInstant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000`
}

/** `2026-06-19` */
export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
