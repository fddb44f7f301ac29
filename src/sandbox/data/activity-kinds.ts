import type { JsonRecord } from '../../core/json.ts'
import type { ActivityContext } from './activity.ts'
import type { Random } from './random.ts'
import { DAY, MINUTE, instant, shortInstant } from './times.ts'
import { SENTENCES, phoneNumber } from './words.ts'

export function call(random: Random, { created }: ActivityContext, id: string): JsonRecord {
  const { phone, phone_formatted } = phoneNumber(random)
  const answered = random.chance(0.6)
  return {
    direction: random.pick(['outbound', 'inbound']),
    status: 'completed',
    disposition: answered ? 'answered' : 'no-answer',
    call_method: 'regular',
    source: 'Close.io',
    duration: answered ? random.int(1800) : 0,
    phone,
    remote_phone: phone,
    remote_phone_formatted: phone_formatted,
    remote_country_iso: 'DE',
    local_phone: '+14155550134',
    local_phone_formatted: '+1 415-555-0134',
    local_country_iso: 'US',
    has_recording: answered,
    recording_url: answered ? `https://app.close.com/call/${id}/recording/` : null,
    voicemail_url: null,
    voicemail_duration: 0,
    is_forwarded: false,
    transferred_to: null,
    dialer_id: null,
    coach_legs: [],
    // Cents with a fraction, as text: no number type on the way may round it.
    cost: answered ? '2.4' : null,
    note: random.chance(0.5) ? '' : random.pick(SENTENCES),
    outcome_id: null,
    date_answered: answered ? instant(created + 7000) : null,
  }
}

export function email(random: Random, context: ActivityContext, id: string): JsonRecord {
  const incoming = random.chance(0.5)
  const text = random.pick(SENTENCES)
  const ownThread = random.id('acti')
  const address = `zoe@${context.leadId.slice(5, 11).toLowerCase()}.example`
  const messageId = `<${id.slice(5, 15)}@mail.example>`
  return {
    thread_id: context.threadId ?? ownThread,
    direction: incoming ? 'incoming' : 'outgoing',
    status: incoming ? 'inbox' : 'sent',
    subject: 'Re: pricing "Gold"',
    sender: incoming ? `"Zoë" <${address}>` : 'user0@acme.example',
    to: [incoming ? 'user0@acme.example' : address],
    cc: [],
    bcc: [],
    envelope: {
      from: [{ email: address, name: 'Zoë' }],
      to: [{ email: 'user0@acme.example', name: '' }],
      cc: [],
      bcc: [],
      date: new Date(context.created).toUTCString(),
      in_reply_to: null,
      message_id: messageId,
      is_autoreply: false,
    },
    body_text: text,
    body_html: `<p>${text}</p>`,
    body_preview: text,
    attachments: random.chance(0.1)
      ? [{ filename: 'po.pdf', content_type: 'application/pdf', size: 48213, content_id: null }]
      : [],
    opens: [],
    opens_summary: null,
    send_attempts: [],
    message_ids: [messageId],
    references: [],
    has_reply: false,
    template_id: null,
    sequence_id: null,
    date_scheduled: null,
    date_sent: instant(context.created),
  }
}

export function note(random: Random): JsonRecord {
  const text = random.pick(SENTENCES)
  return {
    title: null,
    note: text,
    note_html: `<body><p>${text}</p></body>`,
    attachments: [],
    pinned: false,
    pinned_at: null,
  }
}

export function sms(random: Random, { created }: ActivityContext): JsonRecord {
  const { phone, phone_formatted } = phoneNumber(random)
  return {
    direction: 'outbound',
    status: 'sent',
    source: 'External',
    text: random.pick(SENTENCES),
    local_phone: null,
    local_phone_formatted: null,
    remote_phone: phone,
    remote_phone_formatted: phone_formatted,
    cost: null,
    error_message: null,
    attachments: [],
    date_scheduled: null,
    date_sent: instant(created),
  }
}

/** A meeting is created before it takes place: `activity_at` may lie in the future. */
export function meeting(random: Random, context: ActivityContext): JsonRecord {
  const starts = context.created + random.int(14) * DAY + 30 * MINUTE
  const { contact } = context
  const guest = contact
    ? [{ name: contact.name!, status: 'yes', contact_id: contact.id!, is_organizer: false }]
    : []
  return {
    title: 'Demo',
    status: 'upcoming',
    starts_at: shortInstant(starts),
    ends_at: shortInstant(starts + 30 * MINUTE),
    duration: 1800,
    location: null,
    attendees: guest,
    note: '',
    source: 'calendar',
    is_recurring: false,
    activity_at: shortInstant(starts),
  }
}
