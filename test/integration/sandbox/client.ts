import type { SandboxSource } from '../../../src/sandbox/sandbox.ts'

export interface JsonRow {
  readonly id: string
  readonly [field: string]: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; undefined when it is empty. */
  readonly body: Record<string, unknown> & { readonly data: JsonRow[] }
}

export const BASIC = `Basic ${Buffer.from('sandbox_key:').toString('base64')}`

/** One request to a sandbox, with the API key unless other headers are given; redirects are not followed. */
export async function ask(
  source: SandboxSource,
  path: string,
  init: RequestInit = {},
): Promise<Answer> {
  const url = path.startsWith('/') ? source.origin + path : source.url + path
  const headers = { authorization: BASIC, ...(init.headers as Record<string, string>) }
  const response = await fetch(url, { redirect: 'manual', ...init, headers })
  const text = await response.text()
  const body = text.startsWith('{') ? JSON.parse(text) : undefined
  return { status: response.status, headers: response.headers, text, body }
}

export async function post(source: SandboxSource, path: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return ask(source, path, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Every record of a list, by `_limit` and `_skip`. */
export async function readAll(
  source: SandboxSource,
  path: string,
  params: Record<string, string> = {},
  limit = 7,
): Promise<JsonRow[]> {
  const rows: JsonRow[] = []
  for (;;) {
    const page = { ...params, _limit: String(limit), _skip: String(rows.length) }
    const { status, body, text } = await ask(
      source,
      `${path}?${new URLSearchParams(page).toString()}`,
    )
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
    rows.push(...body.data)
    if (body.has_more !== true) return rows
    if (body.data.length !== limit) throw new Error(`${path}: a short page says there is more`)
  }
}

export const idsOf = (rows: readonly { readonly id: string }[]): string[] =>
  rows.map(({ id }) => id)
