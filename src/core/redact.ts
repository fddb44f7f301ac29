import { formEncode, percentEncode } from './percent-encode.ts'

/** Replaces every known secret in a text by `***`. */
export type Redactor = (text: string) => string

/** Secrets shorter than this are not replaced: they would blank out ordinary text. */
const SHORTEST_SECRET = 4

/**
 * A redactor for the given secrets in their plain, URL-encoded, form-encoded, JSON-escaped and
 * base64 forms, longest first, so that a secret that contains another leaves nothing behind.
 */
export function createRedactor(secrets: Iterable<string>): Redactor {
  const forms = new Set<string>()
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue
    forms.add(secret)
    for (const form of urlForms(secret)) forms.add(form)
    forms.add(JSON.stringify(secret).slice(1, -1))
    for (const text of [secret, `${secret}:`]) {
      const base64 = Buffer.from(text).toString('base64')
      forms.add(base64)
      forms.add(base64.replace(/=+$/, ''))
      forms.add(Buffer.from(text).toString('base64url'))
      for (const form of urlForms(base64)) forms.add(form)
    }
  }
  const longestFirst = [...forms].sort((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((redacted, form) => redacted.replaceAll(form, '***'), text)
}

/** A text as this client, another library, or a server that echoes it may write it in a URL or a form. */
function urlForms(text: string): string[] {
  const forms = [encodeURIComponent(text), percentEncode(text), formEncode(text)]
  return [...forms, ...forms.map((form) => form.replace(/%../g, (hex) => hex.toLowerCase()))]
}
