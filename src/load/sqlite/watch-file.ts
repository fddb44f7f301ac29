import { statSync } from 'node:fs'

/** The file of an open database is not where it was: what is committed would go where nobody finds it. */
export class FileGone extends Error {
  override readonly name = 'FileGone'
  readonly code = 'FILE_GONE'
}

/** Returns a function that throws {@link FileGone} when the file was moved, removed or replaced since. */
export function watchFile(file: string): () => void {
  const identity = identityOf(file)
  return () => {
    if (identityOf(file) !== identity) {
      throw new FileGone('the file was moved, removed or replaced while it was open')
    }
  }
}

function identityOf(file: string): string | null {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats ? `${stats.dev} ${stats.ino}` : null
}
