/** What is there more often than elsewhere. */
export function surplus(some: readonly string[], elsewhere: readonly string[]): readonly string[] {
  const left = [...elsewhere]
  return some.filter((text) => {
    const at = left.indexOf(text)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}
