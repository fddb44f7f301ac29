import { leads } from './leads.js'
import { orders } from './orders.js'

const shapes = { leads, orders }

/** What one knows who writes for the records of one list: its tables, and how a record becomes their rows. */
export function shapeOf(list) {
  return shapes[new URL(list).pathname.split('/')[1]]
}

export const LOAD_ID = '1'

/** The indexes of a table: `create <kind> on <table> (<columns>)`. */
export function indexesOf(table, columns, cursor) {
  const indexes = [{ kind: 'unique index', columns: '_dlt_id' }]
  if ('_dlt_parent_id' in columns) {
    indexes.push({ kind: 'index', columns: '_dlt_parent_id' })
    indexes.push({ kind: 'index', columns: '_dlt_root_id' })
  } else {
    indexes.push({ kind: 'index', columns: '_dlt_load_id, _dlt_id' })
    indexes.push({ kind: 'unique index', columns: 'id' })
    indexes.push({ kind: 'index', columns: cursor })
  }
  return indexes
}
