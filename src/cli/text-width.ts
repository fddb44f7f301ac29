const PRINTABLE_ASCII = /^[\x20-\x7e]*$/
// East Asian wide and fullwidth characters, and emoji.
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}])/u
const INVISIBLE = /^[\p{Mark}\p{Format}]+$/u
const CONTROL = /\p{Control}+|[\u2028\u2029]|[\u202A-\u202E\u2066-\u2069]/gu

let segmenter: Intl.Segmenter | undefined

/** The characters of a text as a reader counts them. What tells them apart takes long to load, and is rarely needed. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** Text for one line of a terminal: control characters, which data may bring, become spaces. */
export function toLine(text: string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replaceAll(CONTROL, ' ')
}

/** How many columns of a terminal a line takes. */
export function textWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment)
  return width
}

/** The line cut to at most `width` columns, with an ellipsis where something was cut. */
export function truncate(text: string, width: number): string {
  if (text.length <= width && PRINTABLE_ASCII.test(text)) return text
  if (textWidth(text) <= width) return text
  let cut = ''
  let used = 0
  for (const { segment } of graphemesOf(text)) {
    used += graphemeWidth(segment)
    if (used > width - 1) break
    cut += segment
  }
  return `${cut}…`
}

/** The line filled up with spaces to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const fill = ' '.repeat(Math.max(0, width - textWidth(text)))
  return align === 'right' ? fill + text : text + fill
}

function graphemeWidth(segment: string): number {
  if (INVISIBLE.test(segment)) return 0
  return WIDE.test(segment) ? 2 : 1
}
