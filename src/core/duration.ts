import * as z from 'zod'
import { parseDuration } from './time.ts'

/** A duration in milliseconds, written `5m`, `P1D`, `250ms` or 0. */
export const duration = z
  .union([z.string(), z.literal(0)], { error: 'expected a duration such as 30s, 5m, 2h, P1D' })
  .transform((value, context) => {
    const millis = parseDuration(String(value))
    if (millis !== null) return millis
    context.addIssue({
      code: 'custom',
      message: `expected a duration such as 30s, 5m, 2h, P1D, received "${String(value)}"`,
    })
    return z.NEVER
  })
