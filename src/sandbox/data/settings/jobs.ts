import type { JsonRecord } from '../../../core/json.ts'
import type { SettingMaker } from './maker.ts'

/** Saved views of the data, and the jobs that have changed or exported much of it at once. */
export function jobSettings(maker: SettingMaker) {
  const { org, random, userId, dates, stamps } = maker
  const views = (['lead', 'lead', 'contact'] as const).map((type, i) => {
    return {
      id: random.id('save'),
      name: ['Hot leads', 'Never called', 'Decision makers'][i]!,
      type,
      description: '',
      query: i === 0 ? 'lead_status:"Qualified"' : null,
      s_query: i === 0 ? null : { query: query(type), results_limit: null, sort: [] },
      is_shared: i !== 1,
      is_user_dependent: false,
      user_id: userId(i),
      ...dates(i),
    }
  })
  const job = (prefix: string, i: number) => ({
    id: random.id(prefix),
    status: 'done',
    query: null,
    s_query: query('lead'),
    results_limit: null,
    sort: [],
    n_leads: 40 + i,
    n_leads_processed: 40 + i,
    n_objects: 40 + i,
    n_objects_processed: 40 + i,
    send_done_email: false,
    ...stamps(i),
  })
  return {
    saved_search: views,
    'bulk_action/email': [0, 1].map((i) => ({
      ...job('bulkemail', i),
      contact_preference: i === 0 ? 'lead' : 'contact',
      template_id: null,
      email_account_id: null,
      sender: '"Ines" <user0@acme.example>',
    })),
    'bulk_action/edit': [0, 1].map((i) => ({
      ...job('bulkedit', i),
      type: i === 0 ? 'set_lead_status' : 'set_custom_field',
      lead_status_id: i === 0 ? org.leadStatuses[1]!.id! : null,
      custom_field_name: i === 0 ? null : org.leadFields.tier.name,
      custom_field_value: i === 0 ? null : 'Gold',
    })),
    'bulk_action/delete': [{ ...job('bulkdelete', 0), bulk_object_type: 'lead' }],
    'bulk_action/sequence_subscription': [
      {
        ...job('bulkseqsub', 0),
        action_type: 'subscribe',
        contact_preference: 'lead',
        calls_assigned_to: null,
        from_phone_number_id: null,
        sequence_id: null,
        sender_account_id: null,
        sender_email: 'user0@acme.example',
        sender_name: 'Ines Okafor',
      },
    ],
    export: (['leads', 'opps'] as const).map((type, i) => exportJob(maker, type, i)),
  } satisfies Record<string, JsonRecord[]>
}

/** A finished export can be downloaded by whoever has its link: no warehouse should keep it. */
function exportJob({ random, stamps }: SettingMaker, type: string, i: number): JsonRecord {
  const id = random.id('expo')
  return {
    id,
    type,
    format: i === 0 ? 'json' : 'csv',
    date_format: 'iso8601',
    status: 'done',
    download_url: `https://files.example/${id}.${i === 0 ? 'json' : 'csv'}?signature=${random.id('sig')}`,
    n_docs: 200,
    n_docs_processed: 200,
    fields: ['id', 'date_created', 'date_updated'],
    s_query: query('lead'),
    results_limit: null,
    sort: [],
    send_done_email: false,
    ...stamps(i),
  }
}

function query(type: string): JsonRecord {
  return { type: 'and', queries: [{ type: 'object_type', object_type: type }] }
}
