/** The shortest digits that read back as the same double, without an exponent: 1e-7 is `0.0000001`. */
export function plainDecimal(value: number | null): string | null {
  if (value === null) return null
  const [mantissa = '', exponentText = '0'] = String(value).split('e')
  const exponent = Number(exponentText)
  if (exponent === 0) return mantissa
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - whole.length)}${whole}${fraction}`
  // Doubles are written with an exponent only from 1e21 on, beyond all their fraction digits.
  return `${sign}${whole}${fraction.padEnd(exponent, '0')}`
}
