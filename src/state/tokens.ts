import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Timestamp } from '../core/time.ts'
import type { TokenStore } from '../http/auth/auth.ts'
import type { SystemTables } from '../load/sql/system-tables.ts'

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * Keeps a source's rotated refresh token in `_sluice_tokens`, between runs and machines. The table holds
 * it encrypted (AES-256-GCM) under a key made from `secret`, which stays in the configuration: whoever can
 * query the dataset can't use the token. What another secret has encrypted counts as absent.
 */
export function createTokenStore(
  db: Kysely<SystemTables>,
  {
    source,
    secret,
    now,
  }: { readonly source: string; readonly secret: string; readonly now: () => Timestamp },
): TokenStore {
  const key = Buffer.from(hkdfSync('sha256', secret, source, 'sluice refresh token', 32))
  return {
    async load() {
      const row = await db
        .selectFrom('_sluice_tokens')
        .select('token')
        .where('source', '=', source)
        .executeTakeFirst()
      return row ? decrypt(key, row.token) : null
    },
    async save(refreshToken) {
      const changed = { token: encrypt(key, refreshToken), updated_at: now() }
      await db
        .insertInto('_sluice_tokens')
        .values({ source, ...changed })
        .onConflict((conflict) => conflict.column('source').doUpdateSet(changed))
        .execute()
    },
  }
}

/** Base64 of initialization vector, authentication tag and text. */
function encrypt(key: Buffer, text: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv)
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64')
}

function decrypt(key: Buffer, stored: string): string | null {
  const bytes = Buffer.from(stored, 'base64')
  const iv = bytes.subarray(0, IV_BYTES)
  const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)
  try {
    const decipher = createDecipheriv(CIPHER, key, iv)
    decipher.setAuthTag(tag)
    const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    // Written under another secret: the configured refresh token is the one to go on with.
    return null
  }
}
