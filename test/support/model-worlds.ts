import type { Mutation } from './model-arbitraries.ts'
import type { Item, Model } from './model-api.ts'
import { createHappenings } from './model-happenings.ts'
import { expectedRow, type Row } from './model-rows.ts'
import { endpointKeys, type Scenario } from './model-scenario.ts'

/** What is read in a property: endpoints, what happens to their lists, and what their tables have to hold. */
export interface World {
  readonly endpoints: readonly object[]
  readonly apply: (mutation: Mutation) => void
  readonly tables: readonly Table[]
}

/** Fills the lists of a model. */
export type CreateWorld = (model: Model) => World

/** A table of a world, and what it has to hold. */
export interface Table {
  readonly name: string
  readonly keyed: boolean
  /** `keep`: rows whose record is gone may stay. */
  readonly deletes: 'keep' | 'soft' | 'hard'
  /** The row that a record of a list implies; null for a list of another table. */
  readonly rowOf: (item: Item, path: string) => Row | null
}

/** One list, read into one table. */
export function oneList(scenario: Scenario): CreateWorld {
  const { write, keyed, deletes, incremental, initial } = scenario
  return (model) => {
    const path = '/items'
    const happenings = createHappenings(model, {
      records: write === 'append' ? 'immutable' : 'change',
      keyed,
      lookback: incremental?.lookback ?? 0,
    })
    model.lists.set(path, [])
    for (const draft of initial) happenings.begin(path, draft)
    const table: Table = {
      name: 'items',
      keyed,
      deletes: write === 'merge' ? deletes : 'hard',
      rowOf: expectedRow,
    }
    return {
      endpoints: [{ name: 'items', path, ...endpointKeys(scenario) }],
      apply: (mutation) => happenings.apply(path, mutation),
      tables: [table],
    }
  }
}

/** Users, and the posts of each in a list of their own. */
export function parentsAndChildren(scenario: Scenario): CreateWorld {
  const { write, keyed, deletes, incremental, parents, initial } = scenario
  const isImmutable = write === 'append'
  // An owner that is gone is not noticed where only those that changed are followed, nor are its immutable records.
  const ownersStay = isImmutable || (parents !== null && deletes !== 'keep')
  return (model) => {
    const path = '/users'
    const lookback = parents?.lookback ?? 0
    const users = createHappenings(model, { records: 'change', keyed: true, lookback })
    const posts = createHappenings(model, {
      records: isImmutable ? 'immutable' : 'change',
      keyed,
      lookback: incremental?.lookback ?? 0,
    })
    const pathOf = ({ id }: Item) => `/users/${id}/posts`
    const ownerOf = (n: number) => {
      const all = model.lists.get(path)!
      return all[n % Math.max(1, all.length)]
    }
    /** Each user has a list, and nobody else. */
    const changeUsers = (change: () => void) => {
      change()
      const paths = model.lists.get(path)!.map(pathOf)
      for (const other of model.lists.keys()) {
        if (other !== path && !paths.includes(other)) model.lists.delete(other)
      }
      for (const own of paths) if (!model.lists.has(own)) model.lists.set(own, [])
    }
    model.lists.set(path, [])
    for (const [i, draft] of initial.entries()) {
      const owner = ownerOf(i)
      if (owner && i % 3 > 0) posts.begin(pathOf(owner), draft)
      else changeUsers(() => users.begin(path, draft))
    }
    const read = { write: 'merge', keyed: true, deletes: 'keep', incremental: parents } as const
    return {
      endpoints: [
        { name: 'users', path, ...endpointKeys({ ...scenario, ...read }) },
        {
          name: 'posts',
          path: '/users/{user}/posts',
          depends_on: {
            endpoint: 'users',
            param_mapping: { user: 'id' },
            include: ['id'],
            only_changed: parents !== null,
          },
          on_status: { 404: 'skip' },
          ...endpointKeys(scenario),
        },
      ],
      apply(mutation) {
        const { kind, list } = mutation
        const owner = ownerOf(list)
        if (owner && list % 3 > 0) {
          posts.apply(pathOf(owner), mutation)
          if (parents) users.touch(path, owner)
        } else if (kind !== 'delete' || !ownersStay) {
          changeUsers(() => users.apply(path, mutation))
        }
      },
      tables: [
        {
          name: 'users',
          keyed: true,
          deletes: 'keep',
          rowOf: (item, at) => (at === path ? expectedRow(item) : null),
        },
        {
          name: 'posts',
          keyed,
          deletes: write === 'merge' ? deletes : 'hard',
          rowOf: (item, at) => {
            const owner = /^\/users\/(.*)\/posts$/s.exec(at)?.[1]
            return owner === undefined ? null : { ...expectedRow(item), _users_id: owner }
          },
        },
      ],
    }
  }
}
