import { SluiceError } from '../core/errors.ts'
import { stringifyJson, type JsonRecord, type JsonValue } from '../core/json.ts'
import { percentEncode } from '../core/percent-encode.ts'
import type { Params, QueryStyle } from './types.ts'

const ABSOLUTE = /^(?:[a-z][a-z\d+.-]*:)?\/\//i

/**
 * The absolute URL of a path under `base_url`: the path is appended whether or not it starts with `/`, and
 * its trailing slash is kept. A path that is itself an absolute URL must be on the origin of `base_url`.
 *
 * @throws SluiceError CONFIG_INVALID when the result is not a URL, or is on another origin
 */
export function joinUrl(baseUrl: string, path: string): string {
  const base = parseUrl(baseUrl)
  if (ABSOLUTE.test(path)) {
    const url = parseUrl(path, base)
    if (url.origin === base.origin) return url.href
    throw new SluiceError('CONFIG_INVALID', `path "${redactUrl(path)}" is not on ${base.origin}`, {
      hint: 'write the path relative to base_url; another API is another source',
    })
  }
  if (path === '') return base.href
  const folder = `${base.origin}${base.pathname}`.replace(/\/+$/, '')
  return parseUrl(`${folder}/${path.replace(/^\/+/, '')}`).href
}

function parseUrl(text: string, base?: URL): URL {
  try {
    return new URL(text, base)
  } catch (cause) {
    throw new SluiceError('CONFIG_INVALID', `"${redactUrl(text)}" is not a URL`, {
      cause,
      hint: 'base_url must be absolute: https://api.example.com/v1',
    })
  }
}

/** Whether two absolute URLs have scheme, host and port in common. */
export function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin
}

/**
 * A value as one segment of a path.
 *
 * @throws SluiceError RECORD_INVALID for a value that is no segment: a list, an object, empty, `.` or `..`
 */
export function encodePathValue(value: JsonValue): string {
  const text = value === null || typeof value === 'object' ? '' : String(value)
  if (text !== '' && text !== '.' && text !== '..') return percentEncode(text)
  throw new SluiceError('RECORD_INVALID', `${stringifyJson(value)} can't be a part of a path`, {
    hint: 'map a field that holds an id, such as param_mapping: {id: id}',
  })
}

/**
 * A query string without its `?`: names and values percent-encoded, null values left out.
 *
 * @throws SluiceError CONFIG_INVALID when the style has no way to write a value
 */
export function encodeQuery(params: Params, style: QueryStyle): string {
  return Object.entries(params)
    .flatMap(([name, value]) => pairs(name, value, style))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&')
}

function pairs(name: string, value: JsonValue, style: QueryStyle): [string, string][] {
  if (value === null) return []
  if (typeof value !== 'object') return [[name, String(value)]]
  if (style === 'json') return [[name, stringifyJson(value)]]
  if (style === 'brackets') {
    return Object.entries(value).flatMap(([key, item]) => pairs(`${name}[${key}]`, item, style))
  }
  const items = scalars(name, value, style)
  if (style === 'comma') return items.length === 0 ? [] : [[name, items.join(',')]]
  return items.map((item) => [name, item])
}

function scalars(name: string, value: JsonValue[] | JsonRecord, style: QueryStyle): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((item) => {
    if (item === null) return []
    if (typeof item !== 'object') return [String(item)]
    throw new SluiceError('CONFIG_INVALID', `parameter "${name}" is nested`, {
      hint: `query_style: ${style} can't write it; use brackets or json`,
    })
  })
}

/** The URL with `params` added to the query it has. */
export function withQuery(url: string, params: Params, style: QueryStyle): string {
  const [page = ''] = url.split('#')
  const query = encodeQuery(params, style)
  if (query === '') return page
  return `${page}${page.includes('?') ? (/[?&]$/.test(page) ? '' : '&') : '?'}${query}`
}

/** The URL without the named query parameters; the rest of its query stays byte for byte. */
export function withoutParams(url: string, names: readonly string[]): string {
  return mapQuery(url, (name, pair) => (names.includes(name) ? undefined : pair))
}

const SECRET_NAME =
  /(?:^|[-_.[])(?:(?:api|access|auth|app)?[-_]?key|(?:(?:access|auth|api|id|refresh)[-_]?)?token|(?:client[-_]?)?secret|password|passwd|pwd|pw|sig|signature|hmac|auth|(?:proxy[-_]?)?authorization|cookie|session|credentials?)\]?$|(?:api|access)(?:key|token)$/i

/** Whether a header or parameter of this name usually holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

/** A URL for messages: without user info, and with the values of secret-looking parameters as `***`. */
export function redactUrl(url: string): string {
  const anonymous = url.replace(/^([a-z][a-z\d+.-]*:)?\/\/[^/?#]*@/i, '$1//***@')
  return mapQuery(anonymous, (name, pair) =>
    isSecretName(name) && pair.includes('=') ? `${pair.slice(0, pair.indexOf('='))}=***` : pair,
  )
}

function mapQuery(url: string, map: (name: string, pair: string) => string | undefined): string {
  const at = url.indexOf('?')
  if (at < 0) return url
  const [query = '', ...fragment] = url.slice(at + 1).split('#')
  const kept = query
    .split('&')
    .map((pair) => map(decodeName(pair), pair))
    .filter((pair) => pair !== undefined)
    .join('&')
  return `${url.slice(0, at)}${kept === '' ? '' : `?${kept}`}${fragment.length > 0 ? `#${fragment.join('#')}` : ''}`
}

function decodeName(pair: string): string {
  const [name = ''] = pair.split('=')
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}
