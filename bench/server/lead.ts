import { timestampAt } from './timestamp.ts'

/**
 * Made-up leads of the size and shape of a CRM's: 20,000 of them are 36 MB of JSON, and 193,000 rows in 7
 * tables. The same index always gives the same lead; `version` stands for an edit of it.
 */
export function makeLead(index: number, version: number) {
  const id = `lead_${String(index).padStart(43, '0')}`
  const created = timestampAt(index * 60)
  const updated = timestampAt(index * 60 + 5_000_000 + version)
  return {
    id,
    display_name: `Company ${index} "Trading", GmbH`,
    name: `Company ${index} "Trading", GmbH`,
    description: `Line one of ${index}\nLine two, version ${version}. ${'Met at the fair. '.repeat(index % 6)}`,
    url: index % 3 === 0 ? null : `https://company-${index}.example`,
    status_id: `stat_${String(index % 5).padStart(43, '0')}`,
    status_label: ['Potential', 'Qualified', 'Bad fit', 'Customer', 'Churned'][index % 5],
    organization_id: `orga_${'7'.repeat(43)}`,
    'custom.cf_tier': ['Gold', 'Silver', 'Bronze'][index % 3],
    'custom.cf_seats': index % 500,
    'custom.cf_score': (index % 997) / 8,
    contacts: [0, 1].map((n) => makeContact(index, n, updated)),
    addresses: [
      {
        label: 'business',
        address_1: `Street ${index}`,
        city: `City ${index % 300}`,
        zipcode: '01234',
        country: 'DE',
      },
    ],
    opportunities: [
      {
        id: `oppo_${String(index).padStart(43, '0')}`,
        lead_id: id,
        value: index * 100,
        value_period: 'monthly',
        confidence: index % 101,
        status_type: 'active',
        date_won: index % 4 === 0 ? '2025-05-31' : null,
        date_created: created,
        date_updated: updated,
      },
    ],
    tasks:
      index % 20 < 13
        ? [
            {
              id: `task_${String(index).padStart(43, '0')}`,
              text: 'Call back',
              due_date: '2025-06-03',
              is_complete: index % 2 === 0,
            },
          ]
        : [],
    created_by: `user_${String(index % 9).padStart(43, '0')}`,
    updated_by: `user_${String(index % 7).padStart(43, '0')}`,
    date_created: created,
    date_updated: updated,
  }
}

function makeContact(lead: number, n: number, updated: string) {
  return {
    id: `cont_${String(lead * 2 + n).padStart(43, '0')}`,
    name: `Zoë Müller-${lead}-${n}`,
    title: n === 0 ? 'VP Ops' : null,
    emails: [{ email: `zoe.${lead}.${n}@mail.example`, type: 'office', is_unsubscribed: false }],
    phones: [
      { phone: `+4930${String(lead * 2 + n).padStart(7, '0')}`, country: 'DE', type: 'mobile' },
    ],
    date_updated: updated,
  }
}
