/** A whole number as people read it: `12,345`. Grouped by hand: `toLocaleString` loads Intl, which takes longer than a request. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** A count with its noun: `1 row`, `2 rows`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : nouns}`
}

const STEPS = [
  { unit: 'd', ms: 86_400_000 },
  { unit: 'h', ms: 3_600_000 },
  { unit: 'min', ms: 60_000 },
  { unit: 's', ms: 1000 },
] as const

/** A length of time in its two largest units, `2 h 5 min`; below ten seconds with a decimal, `0.4 s`. */
export function formatMillis(millis: number): string {
  if (millis < 9950) return `${(Math.max(0, millis) / 1000).toFixed(1)} s`
  const whole = Math.round(millis / 1000) * 1000
  const at = STEPS.findIndex(({ ms }) => whole >= ms)
  const step = STEPS[at]!
  const finer = STEPS[at + 1]
  const rest = finer ? Math.floor((whole % step.ms) / finer.ms) : 0
  const major = `${Math.floor(whole / step.ms)} ${step.unit}`
  return rest === 0 ? major : `${major} ${rest} ${finer!.unit}`
}
