import type { JsonRecord } from '../../../core/json.ts'
import { instant } from '../times.ts'
import type { SettingMaker } from './maker.ts'

/** More than fit on one page of the default size. */
const BLOCKED_NUMBERS = 105
const NUMBERS = 4

/** Phone numbers, and what calls and meetings are for and come to. */
export function callingSettings(maker: SettingMaker, views: readonly JsonRecord[]) {
  const { random, userId, stamps, naiveDates } = maker
  const outcomes = ['Interested', 'No "budget"', 'Voicemail', '再連絡'].map((name, i) => ({
    id: random.id('outcome', 22),
    name,
    description: i % 2 === 0 ? null : 'As told\non the phone',
    applies_to: i === 2 ? ['calls'] : ['calls', 'meetings'],
    type: 'custom',
    ...stamps(i),
  }))
  return {
    outcome: outcomes,
    playbook: ['Discovery', 'Renewal', 'Old pitch'].map((name, i) =>
      playbook(maker, i, { name, outcome: outcomes[i]! }),
    ),
    phone_number: Array.from({ length: NUMBERS }, (_, i) => rentedNumber(maker, i)),
    blocked_phone_number: Array.from({ length: BLOCKED_NUMBERS }, (_, i) => ({
      id: random.id('blkph', 22),
      phone: `+4930${String(1_000_000 + i)}`,
      reason: i % 5 === 0 ? 'Unwanted "caller"' : 'Spam',
      ...stamps(i),
    })),
    dialer: ['power', 'predictive', 'power'].map((type, i) => ({
      id: random.id('dial', 22),
      type,
      status: 'inactive',
      source_type: 'saved-search',
      source_value: views[i % views.length]!.id!,
      caller_id: i === 0 ? '' : '+14155550134',
      is_user_dependent: false,
      music_preference: 'tone1',
      ring_mode: 'more-voicemails',
      user_id: userId(i),
      users: [i, i + 1].map((at) => ({ user_id: userId(at), is_active: false, state: 'inactive' })),
      ...naiveDates(i),
    })),
  } satisfies Record<string, JsonRecord[]>
}

/** Mostly one person's number; the last one rings several people. */
function rentedNumber({ random, userId, dates }: SettingMaker, i: number): JsonRecord {
  const isGroup = i === NUMBERS - 1
  // A number that is not rented from Close can only be called from.
  const isOwn = i === 2
  const countries = isOwn ? [] : ['US', 'CA']
  return {
    id: random.id('phon'),
    user_id: isGroup ? null : userId(i),
    label: isGroup ? 'Sales, all' : 'Primary',
    type: isOwn ? 'external' : 'internal',
    country: 'US',
    number: `+1415555013${i}`,
    number_formatted: `+1 415-555-013${i}`,
    is_group_number: isGroup,
    participants: isGroup ? [userId(0), userId(1)] : [],
    phone_numbers: [],
    forward_to: null,
    forward_to_enabled: false,
    is_premium: false,
    is_verified: true,
    press_1_to_accept: false,
    sms_enabled: !isOwn,
    mms_enabled: !isOwn,
    supports_sms_to_countries: countries,
    supports_mms_to_countries: countries,
    voicemail_greeting_url: null,
    carrier: null,
    last_billed_price: isOwn ? null : '1.00',
    next_billing_on: isOwn ? null : '2025-07-01',
    ...dates(i),
  }
}

/** Playbooks are among the objects whose dates have names of their own; the last one is no longer in use. */
function playbook(
  { org, random, userId, dates }: SettingMaker,
  i: number,
  { name, outcome }: { name: string; outcome: JsonRecord },
): JsonRecord {
  const { date_created, date_updated } = dates(i)
  const archived = i === 2
  return {
    id: random.id('convtyp', 22),
    organization_id: org.id,
    name,
    description: null,
    summary_guidance: 'Summarize pain points and next steps.',
    position: archived ? null : i,
    custom_field_ids: [org.sharedFields.region.id],
    outcome_ids: [outcome.id!],
    archived_at: archived ? instant(Date.parse(date_updated as string)) : null,
    archived_by_id: archived ? userId(i) : null,
    created_at: date_created!,
    created_by_id: userId(i),
    updated_at: date_updated!,
    updated_by_id: userId(i),
  }
}
