import { makeLead } from './lead.ts'
import { makeOrder } from './order.ts'
import { makeRecordText, type RecordText } from './record-text.ts'
import { secondsOf } from './timestamp.ts'

/** What is told of a page beside its records. */
interface Place {
  readonly end: number
  readonly total: number
}

interface Kind {
  make(count: number, version: number): RecordText
  /** Index of the first record that was updated at `since` or later. */
  firstSince(since: string): number
  /** The fields that follow `data` in a page. */
  envelope(place: Place): object
}

const KINDS: Readonly<Record<string, Kind>> = {
  leads: {
    make: (count, version) => makeRecordText(count, (index) => makeLead(index, version)),
    // Leads are read without a filter.
    firstSince: () => 0,
    envelope: ({ end, total }) => ({ has_more: end < total }),
  },
  orders: {
    make: (count) => makeRecordText(count, makeOrder),
    firstSince: (since) => Math.max(0, Math.ceil(secondsOf(since))),
    envelope: ({ total }) => ({ total }),
  },
}

/** The lists that the server has, each made when it is first asked for. */
export interface Lists {
  /** Makes lists such as `leads/20000` beforehand. Leads are from now on the `version`-th edit of themselves. */
  prepare(names: readonly string[], version: number): void
  /** The page of a list such as `/orders/4000`, in parts; null where there is no such list. */
  page(url: URL): readonly (string | Buffer)[] | null
}

export function createLists(): Lists {
  const made = new Map<string, RecordText>()
  let version = 0

  function open(name: string): { kind: Kind; records: RecordText } | null {
    const [kindName = '', count] = name.split('/')
    const kind = KINDS[kindName]
    if (!kind || !/^\d+$/.test(count ?? '')) return null
    const key = `${kindName}/${count}/${version}`
    const records = made.get(key) ?? kind.make(Number(count), version)
    made.set(key, records)
    return { kind, records }
  }

  return {
    prepare(names, newVersion) {
      version = newVersion
      for (const name of names) {
        if (!open(name)) throw new Error(`there is no list ${name}`)
      }
    },
    page({ pathname, searchParams }) {
      const list = open(pathname.slice(1))
      if (!list) return null
      const { kind, records } = list
      const since = searchParams.get('updated_since')
      const skipped = since === null ? 0 : Math.min(records.count, kind.firstSince(since))
      const total = records.count - skipped
      const offset = Math.min(total, Number(searchParams.get('offset') ?? 0))
      const end = Math.min(total, offset + Number(searchParams.get('limit') ?? 100))
      const rest = JSON.stringify(kind.envelope({ end, total })).slice(1)
      return ['{"data":[', records.slice(skipped + offset, skipped + end), `],${rest}`]
    },
  }
}
