import { Migrator } from 'kysely'
import { SluiceError } from '../../core/errors.ts'
import type { Destination } from '../destination.ts'
import { systemMigrations } from './migrations.ts'

const MIGRATION_TABLE = '_sluice_migrations'

/**
 * Whether the system tables are as this version knows them: `absent` when the dataset has none yet,
 * `behind` when steps are missing. One query when there is something to find.
 *
 * @throws SluiceError DATASET_TOO_NEW when a newer Sluice has been here
 */
export async function systemState(
  destination: Destination,
): Promise<'absent' | 'behind' | 'current'> {
  const applied = await appliedMigrations(destination)
  if (applied.length === 0) return 'absent'
  const known = Object.keys(systemMigrations(destination.capabilities))
  const unknown = applied.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new SluiceError(
      'DATASET_TOO_NEW',
      `the dataset was migrated by a newer Sluice: ${unknown.join(', ')} is not known to this version`,
      { hint: 'update Sluice here, or use another dataset', details: { unknown } },
    )
  }
  return applied.length < known.length ? 'behind' : 'current'
}

async function appliedMigrations(destination: Destination): Promise<string[]> {
  const select = destination.db.selectFrom(MIGRATION_TABLE).select('name').orderBy('name')
  const names = async () => (await select.execute()).map((row) => row.name)
  try {
    return await names()
  } catch {
    const tables = await destination.columns([MIGRATION_TABLE])
    // Another process may have made the table in between; any other reason fails once more.
    return tables.has(MIGRATION_TABLE) ? await names() : []
  }
}

/** Creates the system tables, or brings them up to date; safe when two processes do it at once. */
export async function migrateSystem(destination: Destination): Promise<void> {
  const migrator = new Migrator({
    db: destination.db,
    provider: { getMigrations: async () => systemMigrations(destination.capabilities) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: `${MIGRATION_TABLE}_lock`,
    ...(destination.schema === null ? {} : { migrationTableSchema: destination.schema }),
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
