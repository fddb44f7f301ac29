import type { JsonRecord } from '../../core/json.ts'
import { activityBase, type ActivityContext } from './activity.ts'
import { someValues } from './custom-fields.ts'
import type { CustomType } from './custom-types.ts'
import { createRandom } from './random.ts'
import { SENTENCES, phoneNumber } from './words.ts'

export function whatsAppMessage(id: string, context: ActivityContext): JsonRecord {
  const random = createRandom(id)
  const text = random.pick(SENTENCES)
  const { phone, phone_formatted } = phoneNumber(random)
  const external = String(1_000_000_000 + random.int(1_000_000_000))
  return {
    ...activityBase(id, 'WhatsAppMessage', context),
    direction: random.pick(['incoming', 'outgoing']),
    external_whatsapp_message_id: external,
    message_markdown: text,
    message_html: `<p>${text}</p>`,
    text,
    local_phone: '+14155550134',
    local_phone_formatted: '+1 415-555-0134',
    remote_phone: phone,
    remote_phone_formatted: phone_formatted,
    attachments: [],
    integration_name: 'API',
    integration_link: `https://messages.example/${external}`,
    response_to_id: null,
    source: 'api',
  }
}

/** An activity of a kind that the organization has defined, with values of its custom fields. */
export function customActivity(id: string, context: ActivityContext, type: CustomType): JsonRecord {
  const random = createRandom(id)
  const contactId = (context.contact?.id ?? null) as string | null
  const { org, created } = context
  return {
    ...activityBase(id, 'CustomActivity', context),
    custom_activity_type_id: type.id,
    status: random.chance(0.9) ? 'published' : 'draft',
    pinned: false,
    pinned_at: null,
    ...someValues(random, type.fields, { users: org.users, contactId, created }),
  }
}

/** What somebody entered into a form on the web: values by the id of the form's field, nobody's doing in Close. */
export function formSubmission(id: string, context: ActivityContext, form: JsonRecord): JsonRecord {
  const random = createRandom(id)
  const fields = form.field_definitions as JsonRecord[]
  const entered = (field: JsonRecord) =>
    field.type === 'checkbox' ? random.chance(0.5) : random.pick(SENTENCES)
  return {
    ...activityBase(id, 'FormSubmission', { ...context, user: null }),
    form_id: form.id!,
    form_name: form.name!,
    form_configuration_id: createRandom(form.id as string, 'configuration').id('formconf', 22),
    ip_address: `192.0.2.${random.int(256)}`,
    origin: 'https://acme.example',
    source_url: 'https://acme.example/contact?utm_source=search&utm_campaign=demo',
    source_url_normalized: 'acme.example/contact',
    values: Object.fromEntries(fields.map((field) => [field.id as string, entered(field)])),
    values_by_name: {},
  }
}

/** Tells on the lead that is left which other one was merged into it. */
export function leadMerge(
  id: string,
  context: ActivityContext,
  source: JsonRecord,
  destination: JsonRecord,
): JsonRecord {
  return {
    ...activityBase(id, 'LeadMerge', context),
    source_lead_id: source.id!,
    source_display_name: source.display_name!,
    destination_lead_id: destination.id!,
    destination_display_name: destination.display_name!,
    merge_status: 'completed',
    error_message: null,
  }
}

/** A conversation by mail; the emails in it are added when it is served. */
export function emailThread(id: string, context: ActivityContext): JsonRecord {
  return {
    ...activityBase(id, 'EmailThread', { ...context, contact: undefined }),
    latest_normalized_subject: 'pricing "Gold"',
    participants: [{ email: 'user0@acme.example', name: 'Ines' }],
  }
}
