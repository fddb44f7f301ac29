import { jsonReply, type ApiRequest, type Reply } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import { notFound } from './errors.ts'
import { servePage, type List } from './list.ts'
import type { Lead } from './rows.ts'
import type { Table } from './table.ts'
import type { ClosumWorld } from './world.ts'

/** Reads only: Sluice never writes to an API, so that nothing here answers a POST of records. */
export function closumRoutes(world: ClosumWorld, maxLimit: number): Route[] {
  const { leads, cities, emails, phones } = world
  return [
    ...resource('lead', leads, {
      sortable: ['id', 'name', 'city_id', 'custom_data', 'creation_date'],
      view: (lead) => leadInList(world, lead),
      one: (lead) => oneLead(world, lead),
      maxLimit,
    }),
    ...resource('city', cities, { sortable: ['id', 'city_name'], maxLimit }),
    ...resource('email', emails, {
      sortable: ['id', 'email', 'status', 'register_date'],
      maxLimit,
    }),
    ...resource('phone', phones, {
      sortable: ['id', 'extension', 'number', 'date_add'],
      maxLimit,
    }),
  ]
}

interface Resource<Row> extends Pick<List<Row>, 'sortable' | 'maxLimit'> {
  /** A row in lists; default: as it is. */
  readonly view?: (row: Row) => object
  /** A row by itself; default: as it is. */
  readonly one?: (row: Row) => object
}

function resource<Row extends { readonly id: number }>(
  name: string,
  table: Table<Row>,
  { view = (row) => row, one = (row) => row, ...list }: Resource<Row>,
): Route[] {
  return [
    {
      method: 'GET',
      path: `/api/${name}`,
      handle: (request) => servePage(request, { ...list, rows: table.rows(), view }),
    },
    {
      method: 'GET',
      path: `/api/${name}/{id}`,
      handle: (request, { id }) => serveOne(request, table.get(Number(id)), one),
    },
  ]
}

function serveOne<Row>(
  request: ApiRequest,
  row: Row | undefined,
  one: (row: Row) => object,
): Reply {
  if (row === undefined) throw notFound(request)
  return jsonReply({ success: true, data: one(row) })
}

/** In the list a phone and an email have no ids, so that nothing ties a lead to the rows of the other lists. */
function leadInList({ phones, emails }: ClosumWorld, lead: Lead): object {
  const phone = phones.get(lead.phone_id ?? 0)
  const email = emails.get(lead.email_id ?? 0)
  return {
    id: lead.id,
    name: lead.name,
    city_id: lead.city_id,
    custom_data: lead.custom_data,
    creation_date: lead.creation_date,
    phone: phone ? { extension: phone.extension, number: phone.number } : null,
    email: email ? { email: email.email } : null,
  }
}

function oneLead({ phones, emails, cities }: ClosumWorld, lead: Lead): object {
  const phone = phones.get(lead.phone_id ?? 0)
  const email = emails.get(lead.email_id ?? 0)
  return {
    id: lead.id,
    name: lead.name,
    custom_data: lead.custom_data,
    creation_date: lead.creation_date,
    city: cities.get(lead.city_id ?? 0) ?? null,
    phone: phone ? { id: phone.id, extension: phone.extension, number: phone.number } : null,
    email: email ? { id: email.id, email: email.email } : null,
  }
}
