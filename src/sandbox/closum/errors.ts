import { Refusal, jsonReply, type ApiRequest, type Reply } from '../server/http.ts'

const MESSAGES = {
  400: 'Bad Request',
  401: 'Your Bearer Token is wrong',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
} as const

export type ErrorStatus = keyof typeof MESSAGES

/** How errors are answered: as the JSON of the API, or as the page that a web server puts in its place. */
export type ErrorForm = 'json' | 'html'

/** `{"success": false, "data": {"code": 404, "url": "/api/lead?page=9999", "message": "Not Found"}}` */
export function failure({ path, rawQuery }: ApiRequest, code: number, message: string) {
  const url = rawQuery === '' ? path : `${path}?${rawQuery}`
  return { success: false, data: { code, url, message } }
}

export function errorReply(
  request: ApiRequest,
  status: ErrorStatus,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const reply = jsonReply(failure(request, status, MESSAGES[status]), status)
  return { ...reply, headers: { ...reply.headers, ...headers } }
}

export function notFound(request: ApiRequest): Refusal {
  return new Refusal(errorReply(request, 404))
}

/** A reply as it arrives where errors are answered in this form. */
export function inForm(form: ErrorForm, reply: Reply): Reply {
  if (form === 'json' || reply.status < 400) return reply
  return {
    status: reply.status,
    headers: { ...reply.headers, 'content-type': 'text/html; charset=UTF-8' },
    body: `<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>Error ${reply.status}</h1></body></html>\n`,
  }
}
