/** A text as part of a URL by RFC 3986: everything but letters, digits and `-._~` is escaped. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A text as a value of an `application/x-www-form-urlencoded` body, where a space is a `+`. */
export function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
