import { keyedId } from '../../dist/normalize/row-id.js'

/** The columns of the table, in the order of the rows below. */
const tables = {
  orders: {
    id: 'bigint',
    number: 'text',
    customer__id: 'bigint',
    customer__name: 'text',
    status: 'text',
    amount: 'double precision',
    quantity: 'bigint',
    is_gift: 'boolean',
    note: 'text',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
    _dlt_id: 'text not null',
    _dlt_load_id: 'text',
  },
}

const timestamp = (value) => `${value.slice(0, 26)}Z`

/** Hands the row of an order to `add`, with the name of its table. */
function flatten(order, loadId, add) {
  add('orders', [
    order.id,
    order.number,
    order.customer.id,
    order.customer.name,
    order.status,
    order.amount,
    order.quantity,
    Number(order.is_gift),
    order.note,
    timestamp(order.created_at),
    timestamp(order.updated_at),
    keyedId([String(order.id)]),
    loadId,
  ])
}

export const orders = { tables, cursor: 'updated_at', flatten }
