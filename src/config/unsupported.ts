import type { EndpointConfig } from './endpoint.ts'
import type { Path } from './problem.ts'

/**
 * What the grammar has and this version can't do yet. It is refused where it stands rather than ignored;
 * a version that learns one of these deletes its line.
 */
export const UNSUPPORTED: readonly {
  readonly path: Path
  readonly asksFor: (endpoint: EndpointConfig) => boolean
  readonly message: string
}[] = [
  {
    path: ['write_disposition'],
    asksFor: (endpoint) => endpoint.write_disposition === 'scd2',
    message: '`scd2` is not supported yet; use merge, append or replace',
  },
]
