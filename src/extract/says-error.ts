import { isRecord, type JsonValue } from '../core/json.ts'

const ERROR_KEY = /^(?:errors?|error_?(?:code|message)|field[_-]?errors|fault|exception)$/i
const SUCCESS_KEY = /^(?:success|successful|ok|is_?success)$/i
const NO_ERROR = /^(?:|0|no|none|null|ok|false|success)$/i
const FAILED_STATUS = /^(?:error|fail|failed|failure)$/i

/**
 * Whether a body answers with an error though its status is a success: `{"error": "quota exceeded"}`,
 * `{"success": false}`, `{"status": "error"}`. Only to be asked of a body that holds no records.
 */
export function saysError(body: JsonValue): boolean {
  if (!isRecord(body)) return false
  return Object.entries(body).some(
    ([key, value]) =>
      (ERROR_KEY.test(key) && tellsSomething(value)) ||
      (SUCCESS_KEY.test(key) && (value === false || value === 'false')) ||
      (key === 'status' && typeof value === 'string' && FAILED_STATUS.test(value)),
  )
}

function tellsSomething(value: JsonValue): boolean {
  if (typeof value === 'string') return !NO_ERROR.test(value.trim())
  if (typeof value === 'object') return value !== null && Object.keys(value).length > 0
  return value !== false && Number(value) !== 0
}
