import { isRecord, stringifyJson, type JsonValue } from '../core/json.ts'
import type { Redactor } from '../core/redact.ts'

const LONGEST_WORDS = 300
const LONGEST_SECRET = 10_000

/** The keys under which APIs say what went wrong, the most telling first. */
const MESSAGE_KEYS = ['message', 'error_description', 'detail', 'title', 'reason', 'msg', 'label']
const ERROR_KEYS = ['error', 'errors', 'field-errors', 'field_errors', 'fieldErrors']
const HOLDER_KEYS = ['data', 'messageTranslation']

/**
 * What an API says about its own error, on one line and at most 300 characters; empty when it says nothing.
 *
 * ```
 * {"error": "Invalid _skip"}      {"error": {"message": "...", "rate_reset": 1}}      {"errors": ["...", {"message": "..."}]}
 * {"errors": [], "field-errors": {"lead": "This field is required."}}      {"success": false, "data": {"message": "..."}}
 * ```
 *
 * @param headers `X-Status-Reason` speaks where the body does not (EspoCRM)
 */
export function apiWords(
  body: JsonValue,
  headers: Readonly<Record<string, string | undefined>>,
  redact: Redactor,
): string {
  const said = wordsOf(body)
  const text = said.length > 0 ? said.join('; ') : (headers['x-status-reason'] ?? fallback(body))
  return quote(text, LONGEST_WORDS, redact)
}

function fallback(body: JsonValue): string {
  const empty = typeof body === 'object' && body !== null && Object.keys(body).length === 0
  return body === null || empty ? '' : stringifyJson(body)
}

function wordsOf(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value]
  if (Array.isArray(value)) return value.flatMap(wordsOf)
  if (value === undefined || !isRecord(value)) return []
  const said = MESSAGE_KEYS.map((key) => value[key]).filter((text) => typeof text === 'string')
  const errors = ERROR_KEYS.flatMap((key) => errorWords(value[key]))
  const words = [...said.slice(0, 1), ...errors]
  return words.length > 0 ? words : HOLDER_KEYS.flatMap((key) => holderWords(value[key]))
}

/** An error is text, an object that speaks for itself, a list of these, or fields with their errors. */
function errorWords(value: JsonValue | undefined): string[] {
  if (value === undefined || !isRecord(value)) return wordsOf(value)
  const own = wordsOf(value)
  if (own.length > 0) return own
  return Object.entries(value).flatMap(([field, problem]) => {
    const words = errorWords(problem)
    return words.length === 0 ? [] : [`${field}: ${words.join(', ')}`]
  })
}

function holderWords(value: JsonValue | undefined): string[] {
  return value !== undefined && isRecord(value) ? wordsOf(value) : []
}

/** The start of a text for a message: redacted first, because half a secret would not be recognised. */
export function quote(text: string, length: number, redact: Redactor): string {
  return clip(redact(text.slice(0, length + LONGEST_SECRET)), length)
}

/** A text on one line, cut with an ellipsis after `length` characters. */
function clip(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > length ? `${line.slice(0, length)}…` : line
}
