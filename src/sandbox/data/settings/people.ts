import type { JsonRecord } from '../../../core/json.ts'
import { userName } from '../org.ts'
import type { SettingMaker } from './maker.ts'

const ACCOUNT_TYPES = ['google', 'custom_email', 'google', 'microsoft', 'custom_email'] as const

/** Rights and groups of users, and the mailboxes and meeting services that they have connected. */
export function peopleSettings({ org, random, userId, stamps }: SettingMaker) {
  const accounts = ACCOUNT_TYPES.map((type, i) =>
    mailAccount(random.id('emailacct'), type, org.users[i]!),
  )
  const zoom = { id: random.id('emailacct'), _type: 'zoom', identities: [] }
  return {
    role: ['Admin', 'User', 'Restricted "EU" User'].map((name, i) => ({
      id: random.id('role', 22),
      name,
      editable: false,
      permissions: ['view_all_leads', 'edit_all_leads'],
      visibility_user_lcf_ids: [],
      visibility_user_lcf_behavior: null,
      ...stamps(i),
    })),
    group: ['Sales', '営業部'].map((name, i) => ({
      id: random.id('group', 22),
      name,
      organization_id: org.id,
      members: org.users.filter((_, at) => at % 2 === i).map(({ id }) => ({ user_id: id! })),
    })),
    connected_account: [
      ...accounts,
      { ...zoom, email: org.users[0]!.email!, organization_id: org.id, user_id: userId(0) },
    ],
    // Whoever asks sees only what concerns them: all of these are theirs but the last.
    send_as: [
      [0, 1],
      [0, 2],
      [3, 0],
      [3, 4],
    ].map(([allowing, allowed]) => ({
      id: random.id('sdas', 22),
      organization_id: org.id,
      allowing_user_id: userId(allowing!),
      allowed_user_id: userId(allowed!),
    })),
  } satisfies Record<string, JsonRecord[]>
}

/** Each type of account has keys of its own. */
function mailAccount(id: string, type: string, user: JsonRecord): JsonRecord {
  const { email, organizations } = user
  const identity = { email: email!, name: userName(user) }
  const own: JsonRecord =
    type === 'custom_email'
      ? {
          imap: null,
          smtp: { host: 'smtp.acme.example', port: 465, use_ssl: true, username: email! },
        }
      : { synced_calendars: [email!] }
  const [organizationId] = organizations as string[]
  return {
    id,
    _type: type,
    email: email!,
    identities: [identity],
    default_identity: identity,
    enabled_features: ['email_sending', 'email_syncing'],
    send_status: 'ok',
    receive_status: 'ok',
    ...own,
    organization_id: organizationId!,
    user_id: user.id!,
    date_created: user.date_created!,
  }
}
