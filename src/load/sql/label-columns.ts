import { type Naming, type NamingConvention, RESERVED_COLUMNS } from '../../normalize/naming.ts'
import type { Column, TableSchema } from '../../normalize/types.ts'

/** What a definition calls a field of the records. */
export interface FieldLabel {
  /** The id that tells the definition from others. */
  readonly key: string
  /** The field that it is about, as a dotted path: `custom.cf_1`. */
  readonly field: string
  readonly label: string
  /** The same path with the label in the place of the key, for a label that another column has for its name. */
  readonly labeledPath: string
}

/** A column of a label view: one of the endpoint's own table by its name there, or a list as one JSON array. */
export type ViewColumn =
  | { readonly name: string; readonly column: string }
  | { readonly name: string; readonly list: TableSchema }

export interface LabeledTable {
  /** The endpoint's tables, its own first. */
  readonly tables: readonly TableSchema[]
  /** The columns that its own table has in the database, in order; a user's own are among them. */
  readonly present: Iterable<string>
  readonly labels: readonly FieldLabel[]
  readonly naming: Naming
  readonly convention: NamingConvention
}

/** A labelled field, and the keys from it down to a value. */
interface Labeled {
  readonly label: FieldLabel
  readonly below: readonly string[]
}

/**
 * The columns of a table, those of labelled fields under their labels, and behind them the lists of plain values in
 * labelled fields. Columns without a label keep their names. Of fields with the same label the one whose key sorts first
 * has it alone; the names of the others end in a hash of their keys.
 */
export function labelColumns(table: LabeledTable): ViewColumn[] {
  const { naming } = table
  const [root, ...children] = table.tables as [TableSchema, ...TableSchema[]]
  const labelOf = createLookup(table)
  const byName = new Map(root.columns.map((column) => [column.name, column]))
  const columns = [...table.present].map((name) => {
    const column = byName.get(name)
    return { name, column, labeled: column?.path ? labelOf(column.path) : null }
  })
  const lists = children
    .filter((list) => list.parent === root.name && isPlain(list))
    .flatMap((list) => {
      const labeled = labelOf(list.path)
      return labeled ? [{ list, labeled }] : []
    })

  const taken = new Set(RESERVED_COLUMNS)
  for (const { name, labeled } of columns) if (!labeled) taken.add(name.toLowerCase())
  const used = [...columns, ...lists].flatMap(({ labeled }) => (labeled ? [labeled.label] : []))
  const fields = nameFields(used, taken, naming)

  const derive = (parts: readonly string[], spelling: string): string =>
    claim(naming, taken, naming.join(parts), spelling)
  const partsOf = ({ label, below }: Labeled): string[] => [
    fields.get(label.field)!,
    ...below.map((key) => naming.identifier(key)),
  ]
  const inColumns = new Set<FieldLabel>()
  const named = columns.map(({ name, column, labeled }): ViewColumn => {
    if (!labeled) return { name, column: name }
    const [field, ...below] = partsOf(labeled) as [string, ...string[]]
    if (isVariant(column)) {
      return { name: derive([field, ...below, `v_${column.type}`], name), column: name }
    }
    if (below.length > 0) return { name: derive([field, ...below], name), column: name }
    inColumns.add(labeled.label)
    return { name: field, column: name }
  })
  const arrays = lists.map(({ list, labeled }): ViewColumn => {
    const [field, ...below] = partsOf(labeled) as [string, ...string[]]
    if (below.length > 0) return { name: derive([field, ...below], list.name), list }
    // A field that holds a list in one record and a plain value in another has both.
    const isBoth = inColumns.has(labeled.label)
    return { name: isBoth ? derive([`${field}_list`], list.name) : field, list }
  })
  return [...named, ...arrays]
}

/** Finds the labelled field that a path of keys leads to or through; the longest where there are several. */
function createLookup({ labels, convention }: LabeledTable) {
  const byField = new Map<string, FieldLabel>()
  for (const label of labels) {
    if (isNameable(label.label, convention)) byField.set(label.field, label)
  }
  return (path: readonly string[]): Labeled | null => {
    for (let end = path.length; end > 0; end--) {
      const label = byField.get(path.slice(0, end).join('.'))
      if (label) return { label, below: path.slice(end) }
    }
    return null
  }
}

/** Whether a label holds anything that a name can be made of. */
function isNameable(label: string, convention: NamingConvention): boolean {
  return convention === 'direct' ? label.trim() !== '' : /[a-z\d]/i.test(label)
}

/** Whether a list's table holds nothing but plain values. */
function isPlain({ columns }: TableSchema): boolean {
  const paths = columns.flatMap(({ path }) => (path === null ? [] : [path]))
  return paths.length > 0 && paths.every((path) => path.length === 0)
}

function isVariant(column: Column | undefined): column is Column {
  return column?.variantOf !== undefined
}

/** A name for every field, by field. Those that no label has are in `taken`, to which the new ones are added. */
function nameFields(
  labels: readonly FieldLabel[],
  taken: Set<string>,
  naming: Naming,
): ReadonlyMap<string, string> {
  const columns = new Set(taken)
  const names = new Map<string, string>()
  for (const { key, field, label, labeledPath } of labels.toSorted(byKey)) {
    if (names.has(field)) continue
    const plain = naming.identifier(label)
    const isColumn = columns.has(plain.toLowerCase())
    const wanted = isColumn ? naming.identifier(labeledPath) : plain
    names.set(field, claim(naming, taken, wanted, key))
  }
  return names
}

function byKey(a: FieldLabel, b: FieldLabel): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.field < b.field ? -1 : 1
}

function claim(naming: Naming, taken: Set<string>, wanted: string, spelling: string): string {
  const name = naming.distinct(wanted, spelling, (lowerCased) => taken.has(lowerCased))
  taken.add(name.toLowerCase())
  return name
}
