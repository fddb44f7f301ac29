/** An integer as a number where that is exact, otherwise as the bigint it is; anything else as it is. */
export function numberIfSafe(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
