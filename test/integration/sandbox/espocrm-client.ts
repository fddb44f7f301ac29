import type { SandboxSource } from '../../../src/sandbox/sandbox.ts'

export interface EspocrmRow {
  readonly id: string
  readonly [attribute: string]: unknown
}

export interface EspocrmAnswer {
  readonly status: number
  /** `X-Status-Reason` */
  readonly reason: string | null
  readonly headers: Headers
  readonly text: string
  /** The parsed body; undefined when it is empty. */
  readonly body: Record<string, unknown> & {
    readonly total: number
    readonly list: readonly EspocrmRow[]
  }
}

export type Params = Readonly<Record<string, string | number>>

export const KEY = { 'x-api-key': 'sandbox_key' }

/** One request to the EspoCRM sandbox, with the API key unless other headers are given. */
export async function ask(
  source: SandboxSource<'espocrm'>,
  path: string,
  params: Params = {},
  init: RequestInit = { headers: KEY },
): Promise<EspocrmAnswer> {
  const query = new URLSearchParams(
    Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
  const response = await fetch(source.url + path + (query === '' ? '' : `?${query}`), init)
  const text = await response.text()
  return {
    status: response.status,
    reason: response.headers.get('x-status-reason'),
    headers: response.headers,
    text,
    body: text.startsWith('{') ? JSON.parse(text) : undefined,
  }
}

/** The parameters of conditions that are all to be met, in PHP's brackets. */
export function where(...items: readonly object[]): Params {
  const params: Record<string, string> = {}
  const put = (name: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) params[name] = String(value)
    else for (const [key, inner] of Object.entries(value)) put(`${name}[${key}]`, inner)
  }
  put('whereGroup', items)
  return params
}

export const idsOf = (rows: readonly { readonly id?: unknown }[]): string[] =>
  rows.map(({ id }) => id as string)

/** Every row of a list, by offset, in the order of ids unless another is asked for. */
export async function readAll(
  source: SandboxSource<'espocrm'>,
  path: string,
  params: Params = {},
  maxSize = 7,
): Promise<EspocrmRow[]> {
  const rows: EspocrmRow[] = []
  for (;;) {
    const page = { orderBy: 'id', order: 'asc', ...params, maxSize, offset: rows.length }
    const { status, reason, body } = await ask(source, path, page)
    if (status !== 200) throw new Error(`${path}: ${status} ${reason}`)
    rows.push(...body.list)
    if (body.list.length < maxSize) return rows
  }
}
