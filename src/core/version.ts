import { createRequire } from 'node:module'

/** The version of this package; `package.json` is two folders up from here, in `src` and in `dist`. */
export const VERSION = (createRequire(import.meta.url)('../../package.json') as { version: string })
  .version
