import { timestampAt } from './timestamp.ts'

/** A made-up order of 250 bytes, without lists: one row. One is updated each second, in the order of the list. */
export function makeOrder(index: number) {
  return {
    id: index + 1,
    number: `SO-${String(index).padStart(9, '0')}`,
    customer: { id: index % 5000, name: `Customer ${index % 5000}` },
    status: ['open', 'paid', 'shipped', 'returned'][index % 4],
    amount: (index % 100_000) / 4,
    quantity: (index % 12) + 1,
    is_gift: index % 10 === 0,
    note: index % 7 === 0 ? 'Leave it at the door' : null,
    created_at: timestampAt(index - 3600),
    updated_at: timestampAt(index),
  }
}
