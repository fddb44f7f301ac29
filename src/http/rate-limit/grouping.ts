import * as z from 'zod'

/** What one group may spend, within the budget of the source. */
const shareKeys = {
  requests_per_second: z
    .number()
    .positive()
    .optional()
    .describe('Requests per second of this group. Default: as fast as it answers.'),
  burst: z
    .int()
    .min(1)
    .optional()
    .describe('Requests of this group that may start at once after a pause. Default: 1.'),
  concurrency: z
    .int()
    .min(1)
    .optional()
    .describe('Requests of this group under way at the same time. Default: as many as the source.'),
}

export const shareConfig = z.strictObject(shareKeys)

/** One group of requests that share a limit of the API. */
export const rateGroupConfig = z.strictObject({
  name: z
    .string()
    .min(1)
    .refine((name) => !RESERVED.includes(name), 'is the name of what is in no group')
    .describe('What messages call it.'),
  method: z.enum(['GET', 'POST']).optional().describe('Default: both.'),
  path: z
    .string()
    .min(1)
    .describe(
      'Paths of the group, as endpoints have them: `*` stands for any text, `{name}` for one segment of any name.',
    ),
  ...shareKeys,
})

/** A check of `groups`: whoever reads a name must know which group it is. */
export function uniqueNames(
  groups: readonly { readonly name: string }[],
  context: z.core.$RefinementCtx,
): void {
  const names = groups.map(({ name }) => name)
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue
    context.addIssue({
      code: 'custom',
      message: 'is the name of another group',
      path: [index, 'name'],
    })
  }
}

export type Share = z.output<typeof shareConfig>
export type RateGroupConfig = z.output<typeof rateGroupConfig>

/** The group of every request that no other takes, and that of logins at another origin. */
export const SOURCE_GROUP = 'source'
const RESERVED: readonly string[] = [SOURCE_GROUP, 'auth']

export interface GroupingConfig {
  readonly group_by: 'path' | 'source'
  readonly per_group: Share
  readonly groups: readonly RateGroupConfig[]
}

/** Says which requests share a limit, and what they may spend. */
export interface Grouping {
  /** The group of a request to this path template: the first that fits. */
  groupOf(method: string, path: string): string
  /** What a group may spend: what it says itself, the rest as every group. */
  shareOf(group: string): Share
}

export function createGrouping({ group_by, per_group, groups }: GroupingConfig): Grouping {
  const patterns = groups.map(({ name, method, path }) => ({ name, method, path: compile(path) }))
  const own = new Map<string, Share>(groups.map((group) => [group.name, group]))
  return {
    groupOf(method, path) {
      const plain = withoutSlash(path)
      const fits = patterns.find(
        (group) => (group.method ?? method) === method && group.path.test(plain),
      )
      if (fits) return fits.name
      return group_by === 'path' ? `${method} ${path}` : SOURCE_GROUP
    },
    shareOf: (group) => ({ ...per_group, ...own.get(group) }),
  }
}

const WILDCARDS = /(\*|\{[^{}]*\})/

/** A slash at the end makes no difference. */
function compile(path: string): RegExp {
  const parts = withoutSlash(path).replace(/\/$/, '').split(WILDCARDS)
  const source = parts.map((part, index) => {
    if (index % 2 === 0) return part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)
    return part === '*' ? '.*' : '[^/]+'
  })
  return new RegExp(`^${source.join('')}/?$`)
}

/** Endpoints may write a path with or without a slash in front. */
function withoutSlash(path: string): string {
  return path.replace(/^\/+/, '')
}
