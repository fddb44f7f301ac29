import type { JsonRecord } from '../../../core/json.ts'
import type { SettingMaker } from './maker.ts'

/** More than fit on one page of the default size. */
const TEMPLATES = 120
const ARCHIVED_TEMPLATES = 8

/** Templates of messages, the sequences that send them, and the addresses that want no more of them. */
export function messageSettings(maker: SettingMaker) {
  const { random, stamps } = maker
  const archived = (i: number) => i >= TEMPLATES
  const templates = Array.from({ length: TEMPLATES + ARCHIVED_TEMPLATES }, (_, i) => ({
    id: random.id('tmpl'),
    name: i === 0 ? 'Intro' : i === 1 ? 'Follow-up "EU"' : `Template ${i}`,
    subject: 'Hello {{ contact.first_name }}',
    body: '<p>Dear {{ contact.first_name }},<br>…</p>',
    is_archived: archived(i),
    is_shared: i % 4 !== 3,
    attachments: [],
    unsubscribe_link_id: null,
    ...stamps(i),
  }))
  return {
    email_template: templates,
    sms_template: ['On my way', 'Réservez ici', '了解しました'].map((name, i) => ({
      id: random.id('smstmpl', 22),
      name,
      text: `${name}, {{ contact.first_name }}`,
      is_shared: i !== 2,
      attachments: [],
      ...stamps(i),
    })),
    sequence: ['Cold outreach', 'Win back', 'Onboarding'].map((name, i) => {
      const steps = [0, 1, 4].map((days, at) => step(maker, i, days, templates[at]!.id))
      return sequence(maker, i, { name, steps })
    }),
    'unsubscribe/email': Array.from({ length: 12 }, (_, i) => ({
      id: random.id('unsub', 22),
      email: `gone${i}+list@mail.example`,
      source: i % 2 === 0 ? 'manual' : 'link',
      reason: i % 3 === 0 ? 'No "more", please' : null,
      ...stamps(i),
    })),
  } satisfies Record<string, JsonRecord[]>
}

function sequence(
  { random, userId, naiveDates }: SettingMaker,
  i: number,
  { name, steps }: { name: string; steps: JsonRecord[] },
): JsonRecord {
  const weekdays = [1, 2, 3, 4, 5]
  const hours = { start: '09:00', end: '16:59' }
  return {
    id: random.id('seq', 22),
    name,
    status: i === 2 ? 'paused' : 'active',
    timezone: 'Europe/Berlin',
    schedule: i === 0 ? { ranges: weekdays.map((weekday) => ({ weekday, ...hours })) } : null,
    steps,
    created_by_id: userId(i),
    updated_by_id: userId(i),
    ...naiveDates(i),
  }
}

function step(
  { random, userId, naiveDates }: SettingMaker,
  i: number,
  days: number,
  templateId: string,
): JsonRecord {
  const { date_created, date_updated } = naiveDates(i)
  const type = days === 0 ? 'call' : 'email'
  return {
    id: random.id('seqstep', 22),
    step_type: type,
    delay: days * 86_400,
    email_template_id: type === 'email' ? templateId : null,
    required: true,
    step_allowed_delay: null,
    threading: type === 'email' ? 'old_thread' : null,
    created_by_id: userId(i),
    updated_by_id: userId(i),
    date_created: date_created!,
    date_updated: date_updated!,
  }
}
