/** A message for a line that names the endpoint already: `leads: GET ...` is `GET ...`. */
export function withoutSubject(message: string, endpoint: string): string {
  const subject = `${endpoint}: `
  return message.startsWith(subject) ? message.slice(subject.length) : message
}
