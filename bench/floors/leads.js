import { childId, keyedId, tableSeed } from '../../dist/normalize/row-id.js'

const id = { _dlt_id: 'text not null' }
const links = { ...id, _dlt_parent_id: 'text', _dlt_list_idx: 'bigint', _dlt_root_id: 'text' }

/** The columns of each table, in the order of the rows below. */
const tables = {
  leads: {
    id: 'text',
    display_name: 'text',
    name: 'text',
    description: 'text',
    url: 'text',
    status_id: 'text',
    status_label: 'text',
    organization_id: 'text',
    custom_cf_tier: 'text',
    custom_cf_seats: 'bigint',
    custom_cf_score: 'double precision',
    created_by: 'text',
    updated_by: 'text',
    date_created: 'timestamptz',
    date_updated: 'timestamptz',
    ...id,
    _dlt_load_id: 'text',
  },
  leads__contacts: {
    id: 'text',
    name: 'text',
    title: 'text',
    date_updated: 'timestamptz',
    ...links,
  },
  leads__contacts__emails: { email: 'text', type: 'text', is_unsubscribed: 'boolean', ...links },
  leads__contacts__phones: { phone: 'text', country: 'text', type: 'text', ...links },
  leads__addresses: {
    label: 'text',
    address_1: 'text',
    city: 'text',
    zipcode: 'text',
    country: 'text',
    ...links,
  },
  leads__opportunities: {
    id: 'text',
    lead_id: 'text',
    value: 'bigint',
    value_period: 'text',
    confidence: 'bigint',
    status_type: 'text',
    date_won: 'date',
    date_created: 'timestamptz',
    date_updated: 'timestamptz',
    ...links,
  },
  leads__tasks: { id: 'text', text: 'text', due_date: 'date', is_complete: 'boolean', ...links },
}

const seeds = Object.fromEntries(Object.keys(tables).map((table) => [table, tableSeed(table)]))

const timestamp = (value) => `${value.slice(0, 26)}Z`

/** Hands each row of a lead to `add`, with the name of its table. */
function flatten(lead, loadId, add) {
  const root = keyedId([lead.id])
  add('leads', [
    lead.id,
    lead.display_name,
    lead.name,
    lead.description,
    lead.url,
    lead.status_id,
    lead.status_label,
    lead.organization_id,
    lead['custom.cf_tier'],
    lead['custom.cf_seats'],
    lead['custom.cf_score'],
    lead.created_by,
    lead.updated_by,
    timestamp(lead.date_created),
    timestamp(lead.date_updated),
    root,
    loadId,
  ])
  const addItems = (table, parent, items, cellsOf) => {
    for (let i = 0; i < items.length; i++) {
      const id = childId(parent, seeds[table], i)
      const cells = cellsOf(items[i], id)
      cells.push(id, parent, i, root)
      add(table, cells)
    }
  }
  addItems('leads__contacts', root, lead.contacts, (contact, id) => {
    addItems('leads__contacts__emails', id, contact.emails, (email) => [
      email.email,
      email.type,
      Number(email.is_unsubscribed),
    ])
    addItems('leads__contacts__phones', id, contact.phones, (phone) => [
      phone.phone,
      phone.country,
      phone.type,
    ])
    return [contact.id, contact.name, contact.title, timestamp(contact.date_updated)]
  })
  addItems('leads__addresses', root, lead.addresses, (address) => [
    address.label,
    address.address_1,
    address.city,
    address.zipcode,
    address.country,
  ])
  addItems('leads__opportunities', root, lead.opportunities, (opportunity) => [
    opportunity.id,
    opportunity.lead_id,
    opportunity.value,
    opportunity.value_period,
    opportunity.confidence,
    opportunity.status_type,
    opportunity.date_won,
    timestamp(opportunity.date_created),
    timestamp(opportunity.date_updated),
  ])
  addItems('leads__tasks', root, lead.tasks, (task) => [
    task.id,
    task.text,
    task.due_date,
    Number(task.is_complete),
  ])
}

export const leads = { tables, cursor: 'date_updated', flatten }
