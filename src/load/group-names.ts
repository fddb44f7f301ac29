/** The names listed for each table. */
export function groupNames(
  rows: readonly { readonly table: string; readonly name: string }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const byTable = new Map<string, Set<string>>()
  for (const { table, name } of rows) {
    const names = byTable.get(table)
    if (names) names.add(name)
    else byTable.set(table, new Set([name]))
  }
  return byTable
}
