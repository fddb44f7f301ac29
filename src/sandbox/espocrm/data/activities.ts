import type { JsonRecord } from '../../../core/json.ts'
import { DAY, MINUTE, SECOND, day } from '../../data/times.ts'
import { SENTENCES } from '../../data/words.ts'
import { pickParent, pickSome, type Build, type Context, type NewLink } from './build.ts'
import { dateTime } from './times.ts'

const ACCEPTANCE = ['None', 'Accepted', 'Tentative', 'Declined'] as const
/** What the service cuts texts to in lists that select them; some texts are longer. */
const LONG_TEXT = 'Long text, several pages of it. '.repeat(400)

export const buildMeeting: Build = (context) => {
  const { random } = context
  return {
    record: {
      name: random.pick(['Kick-off', 'Product "Demo"', 'Jour fixe', '打ち合わせ']),
      ...happening(context, random.chance(0.15)),
      joinUrl: random.chance(0.3) ? `https://meet.example/${random.int(1e6)}` : null,
    },
    links: attendees(context),
  }
}

export const buildCall: Build = (context) => ({
  record: {
    name: context.random.pick(['Discovery', 'Follow-up', 'Rückruf']),
    ...happening(context, false),
    direction: context.random.pick(['Outbound', 'Inbound']),
  },
  links: attendees(context),
})

export const buildTask: Build = (context) => {
  const { random, created, endsAt } = context
  const status = random.pick(['Not Started', 'Started', 'Completed', 'Canceled', 'Deferred'])
  const due = created + random.int(30) * DAY
  // Due on a day, at a time, or never.
  const dateEnd = random.chance(0.5)
    ? { dateEnd: `${day(due)} 00:00:00`, dateEndDate: day(due) }
    : { dateEnd: random.chance(0.7) ? dateTime(due) : null, dateEndDate: null }
  return {
    record: {
      name: random.pick(['Call back', 'Send the offer', 'Prüfen & "ablegen"']),
      status,
      priority: random.pick(['Low', 'Normal', 'High', 'Urgent']),
      dateStart: null,
      dateStartDate: null,
      ...dateEnd,
      dateCompleted: status === 'Completed' ? dateTime(created + DAY) : null,
      isOverdue: dateEnd.dateEnd !== null && due < endsAt && status.endsWith('tarted'),
      ...pickParent(context),
      accountId: random.chance(0.3) ? context.pick('Account') : null,
      contactId: random.chance(0.3) ? context.pick('Contact') : null,
      description: random.chance(0.4) ? random.pick(SENTENCES) : null,
    },
  }
}

export const buildEmail: Build = (context) => {
  const { random, index, created } = context
  const subject = random.pick(['Re: Your offer', 'Angebot 0012', 'Fwd: 見積もり', ''])
  const text = index % 7 === 2 ? LONG_TEXT : random.pick(SENTENCES)
  return {
    record: {
      name: subject,
      subject,
      fromString: 'Sales <sales@company.example>',
      from: 'sales@company.example',
      to: `contact.${index}@people.example;team@company.example`,
      messageId: `<${index}@mail.example>`,
      status: random.pick(['Sent', 'Archived', 'Draft']),
      isHtml: true,
      hasAttachment: random.chance(0.2),
      dateSent: dateTime(created),
      bodyPlain: text,
      body: `<p>${text}</p>`,
      ...pickParent(context),
      accountId: random.chance(0.3) ? context.pick('Account') : null,
    },
  }
}

export const buildNote: Build = (context) => {
  const { random, index } = context
  const type = random.pick(['Post', 'Update', 'Create'])
  const data: JsonRecord =
    type === 'Update'
      ? {
          fields: ['status'],
          attributes: { was: { status: 'New' }, became: { status: 'In Process' } },
        }
      : {}
  return {
    record: {
      number: index + 1,
      type,
      post: type === 'Post' ? random.pick(SENTENCES) : null,
      data,
      ...pickParent(context),
      relatedType: null,
      relatedId: null,
      isInternal: random.chance(0.1),
      isGlobal: false,
    },
  }
}

export const buildKnowledgeBaseArticle: Build = ({ random, index, created }) => ({
  record: {
    name: `How to ${random.pick(['export', 'import', 'merge'])} (${index + 1})`,
    status: random.pick(['Draft', 'In Review', 'Published', 'Archived']),
    language: random.chance(0.5) ? 'en_US' : null,
    type: 'Article',
    publishDate: day(created),
    body: index % 3 === 1 ? LONG_TEXT : `<p>${random.pick(SENTENCES)}</p>`,
    description: null,
  },
})

export const buildDocument: Build = (context) => {
  const { random, index, created } = context
  return {
    record: {
      name: `Contract ${index + 1}.pdf`,
      status: random.pick(['Active', 'Draft', 'Expired', 'Canceled']),
      type: random.pick(['', 'Contract', 'NDA']),
      publishDate: day(created),
      expirationDate: random.chance(0.3) ? day(created + 365 * DAY) : null,
      fileId: `f${index}`,
      fileName: `Contract ${index + 1}.pdf`,
      description: null,
    },
    links: {
      accounts: pickSome(context, 'Account', 3).map((id) => ({ id })),
      opportunities: pickSome(context, 'Opportunity', 1).map((id) => ({ id })),
    },
  }
}

/** When something happens: at a time, or on days of which only the dates count. */
function happening(context: Context, isAllDay: boolean): JsonRecord {
  const { random, created, endsAt } = context
  const start = Math.floor(created / MINUTE) * MINUTE + random.int(20) * DAY
  const minutes = random.pick([10, 30, 60, 90])
  const times = isAllDay
    ? {
        dateStart: `${day(start)} 00:00:00`,
        dateStartDate: day(start),
        dateEnd: `${day(start + DAY)} 00:00:00`,
        dateEndDate: day(start + DAY),
      }
    : {
        dateStart: dateTime(start),
        dateStartDate: null,
        dateEnd: dateTime(start + minutes * MINUTE),
        dateEndDate: null,
      }
  return {
    status: start > endsAt ? 'Planned' : random.pick(['Held', 'Held', 'Not Held']),
    ...times,
    isAllDay,
    duration: isAllDay ? DAY / SECOND : minutes * 60,
    ...pickParent(context),
    accountId: random.chance(0.4) ? context.pick('Account') : null,
    description: random.chance(0.3) ? random.pick(SENTENCES) : null,
  }
}

function attendees(context: Context): Readonly<Record<string, readonly NewLink[]>> {
  const invited = (entity: 'User' | 'Contact' | 'Lead', most: number) =>
    pickSome(context, entity, most).map((id) => ({
      id,
      columns: { status: context.random.pick(ACCEPTANCE) },
    }))
  return { users: invited('User', 2), contacts: invited('Contact', 2), leads: invited('Lead', 1) }
}
