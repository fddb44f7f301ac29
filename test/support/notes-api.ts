import { stringifyJson, type JsonRecord, type JsonValue } from '../../src/core/json.ts'
import { reply, serve, type Reply, type TestServer } from './http-server.ts'

/** Notes by their creation, of which no list shows the edits; and a log that does. */
export interface NotesApi {
  notes: JsonRecord[]
  events: JsonRecord[]
  /** Answers a request instead. */
  override?: ((path: string, query: URLSearchParams) => Reply | undefined) | undefined
}

const PAGE = 4

export const day = (number: number): string =>
  `2025-01-${String(number).padStart(2, '0')}T00:00:00Z`

export const note = (id: number, more: JsonRecord = {}): JsonRecord => ({
  id,
  at: day(id),
  text: `note ${id}`,
  ...more,
})

export const event = (id: number, action: string, noteId: number, more: JsonRecord = {}) => ({
  id,
  action,
  note_id: noteId,
  at: `2025-02-01T00:${String(id).padStart(2, '0')}:00Z`,
  ...more,
})

/**
 * `/notes` ascending by `at`, from `from` on; `ids` and `lead` narrow it down and take no bound away; pages go on `after` an
 * instant and id. `/events` likewise, whole. A note that is `hidden` is shown by its id and in the list of `keys` alone.
 */
export function serveNotes(api: NotesApi): Promise<TestServer> {
  return serve(({ path, query }) => {
    const instead = api.override?.(path, query)
    if (instead) return instead
    if (path === '/notes') return page(notesOf(api, query), query)
    return path === '/events' ? page(inOrder(api.events), query) : reply(404, {})
  })
}

function notesOf({ notes }: NotesApi, query: URLSearchParams): JsonRecord[] {
  const ids = query.getAll('ids').flatMap((text) => text.split(','))
  const from = query.get('from') ?? ''
  return inOrder(
    notes.filter((record) => {
      if (ids.length > 0 && !ids.includes(textOf(record.id))) return false
      if (query.has('lead') && textOf(record.lead) !== query.get('lead')) return false
      const isListed = record.hidden !== true || ids.length > 0 || query.has('keys')
      return isListed && (from === '' || (record.at !== null && textOf(record.at) >= from))
    }),
  ).map((record) => (query.has('keys') ? { id: record.id!, at: record.at! } : record))
}

const textOf = (value: JsonValue | undefined) => stringifyJson(value ?? null).replaceAll('"', '')

const placeOf = ({ at, id }: JsonRecord) => `${textOf(at)} ${textOf(id).padStart(6, '0')}`

function inOrder(records: readonly JsonRecord[]): JsonRecord[] {
  return [...records].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
}

function page(records: readonly JsonRecord[], query: URLSearchParams) {
  const after = query.get('after')
  const rest = after === null ? records : records.filter((record) => placeOf(record) > after)
  return { data: rest.slice(0, PAGE), next: placeAfter(rest) }
}

function placeAfter(rest: readonly JsonRecord[]): string | null {
  const last = rest[PAGE - 1]
  return last && rest.length > PAGE ? placeOf(last) : null
}
