const LIMIT = { limit_param: 'limit', offset_param: 'offset', limit: 100 }

/** The endpoint that reads all leads on every run. */
export function leadsEndpoint(count: number): object {
  return {
    name: 'leads',
    path: `/leads/${count}`,
    data_selector: 'data',
    primary_key: 'id',
    pagination: { type: 'offset', ...LIMIT },
    incremental: { cursor_path: 'date_updated', client_side: true, lookback: 'P9999D' },
  }
}

/** An endpoint that reads the orders since its bookmark. */
export function ordersEndpoint(count: number, name = 'orders'): object {
  return {
    name,
    path: `/orders/${count}`,
    data_selector: 'data',
    primary_key: 'id',
    pagination: { type: 'offset', ...LIMIT, total_path: 'total' },
    incremental: { cursor_path: 'updated_at', param_name: 'updated_since' },
  }
}
