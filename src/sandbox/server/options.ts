/** Throws RangeError for a key that no option has: a misspelt one would be ignored without a word. */
export function refuseUnknownKeys(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown === undefined) return
  throw new RangeError(`no option is called ${unknown}: ${known.join(', ')}`)
}
