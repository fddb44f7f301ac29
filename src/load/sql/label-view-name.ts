import { shortenIdentifier } from '../../normalize/naming.ts'

/** The name of the label view of an endpoint's own table. */
export function labelViewName(table: string, maxBytes: number): string {
  const name = `${table}_labeled`
  return shortenIdentifier(name, name, maxBytes)
}
