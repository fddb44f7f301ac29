import type { JsonRecord } from '../../../core/json.ts'
import type { SettingMaker } from './maker.ts'

/** What links Close to the rest of the web: forms, scheduling links, searches elsewhere, webhooks. */
export function webSettings(maker: SettingMaker) {
  const { random, dates, stamps, naiveDates, userId } = maker
  return {
    form: ['Contact us', 'Demo "now"'].map((name, i) => {
      const definitions = [
        ['Name', 'text'],
        ['Message', 'textarea'],
        ['I agree', 'checkbox'],
      ] as const
      return {
        id: random.id('form', 22),
        name,
        is_archived: i === 1,
        field_definitions: definitions.map(([label, type]) => ({
          id: random.id('formfld', 22),
          name: label,
          type,
          choices: null,
        })),
        ...dates(i),
      }
    }),
    scheduling_link: (['MANUAL', 'THIRD_PARTY', 'CALENDLY'] as const).map((source, i) => ({
      ...schedulingLink(maker, source, i),
      type: 'USER',
      oauth_client_id: source === 'THIRD_PARTY' ? 'oa2client_sandbox' : null,
      template_tag: null,
      url: `https://meet.example/${i}`,
      user_id: userId(i),
    })),
    shared_scheduling_link: [0, 1].map((i) => ({
      ...schedulingLink(maker, 'MANUAL', i),
      type: 'SHARED',
      template_tag: `shared_link_${i}`,
      url: null,
      user_id: null,
    })),
    integration_link: (['lead', 'contact'] as const).map((type, i) => ({
      id: random.id('link', 22),
      name: i === 0 ? 'Search' : 'Directory',
      type,
      url: `https://search.example/?q={{ ${type}.name }}`,
      ...stamps(i),
    })),
    // The key that signs what is delivered is told once, when a webhook is made, and in no list.
    webhook: [0, 1].map((i) => ({
      id: random.id('whsub', 22),
      url: `https://elt.example/hooks/${i}`,
      events: [{ object_type: 'lead', action: i === 0 ? 'deleted' : 'merged', extra_filter: null }],
      verify_ssl: true,
      status: i === 0 ? 'active' : 'paused',
      created_by: userId(i),
      updated_by: userId(i),
      ...naiveDates(i),
    })),
  } satisfies Record<string, JsonRecord[]>
}

function schedulingLink({ org, random }: SettingMaker, source: string, i: number): JsonRecord {
  const foreign = source !== 'MANUAL'
  return {
    id: random.id('schlnk', 22),
    organization_id: org.id,
    name: foreign ? '30 minutes' : `Let’s talk ${i}`,
    description: i === 0 ? null : 'Find a time',
    source,
    source_id: foreign ? random.id('src', 12) : null,
    source_type: foreign ? 'Solo' : null,
    duration_in_minutes: foreign ? 30 : null,
  }
}
