import { type Kysely, sql } from 'kysely'
import type { LoadTransaction, Reader } from '../destination.ts'
import { textArray } from './array-literal.ts'

const STAMP = 'Made by Sluice: '

/** See `Reader.stamps`; a view's stamp is in its comment. */
export async function readStamps<DB>(
  db: Kysely<DB>,
  names: readonly string[],
): ReturnType<Reader['stamps']> {
  const { rows } = await sql<{ name: string; kind: string; comment: string | null }>`
    select relname as name, relkind::text as kind, obj_description(oid, 'pg_class') as comment
    from pg_class
    where relnamespace = (select oid from pg_namespace where nspname = current_schema())
      and relname = any(${textArray(names)}::text[])`.execute(db)
  return new Map(
    rows.map(({ name, kind, comment }) => {
      const isOurs = kind === 'v' && comment?.startsWith(STAMP)
      return [name, isOurs ? comment!.slice(STAMP.length) : null]
    }),
  )
}

/** See `Reader.viewsOn`. */
export async function readViewsOn<DB>(db: Kysely<DB>, view: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct reader.oid::regclass::text as name
    from pg_depend as d
    join pg_rewrite as rule on rule.oid = d.objid and d.classid = 'pg_rewrite'::regclass
    join pg_class as reader on reader.oid = rule.ev_class and reader.oid <> d.refobjid
    join pg_class as view on view.oid = d.refobjid and d.refclassid = 'pg_class'::regclass
    where view.relname = ${view}
      and view.relnamespace = (select oid from pg_namespace where nspname = current_schema())
    order by name`.execute(db)
  return rows.map(({ name }) => name)
}

interface Grant {
  /** Null is everybody. */
  readonly grantee: string | null
  readonly privilege: string
  readonly is_grantable: boolean
}

/** The views of one transaction: one that is dropped and made again can be read by whoever could read it before. */
export function createViews<DB>(db: Kysely<DB>): Pick<LoadTransaction, 'createView' | 'dropView'> {
  const grantsByView = new Map<string, readonly Grant[]>()
  return {
    dropView: async (name) => {
      grantsByView.set(name, await readGrants(db, name))
      await sql`drop view ${sql.id(name)}`.execute(db)
    },
    createView: async (name, stamp, query) => {
      await sql`create view ${sql.id(name)} as ${query}`.execute(db)
      await sql`comment on view ${sql.id(name)} is ${sql.lit(STAMP + stamp)}`.execute(db)
      for (const grant of grantsByView.get(name) ?? []) await give(db, name, grant)
    },
  }
}

async function readGrants<DB>(db: Kysely<DB>, view: string): Promise<readonly Grant[]> {
  const { rows } = await sql<Grant>`
    select nullif(own.grantee, 0)::regrole::text as grantee,
      own.privilege_type as privilege, own.is_grantable
    from pg_class, aclexplode(relacl) as own
    where relname = ${view} and own.grantee <> relowner
      and relnamespace = (select oid from pg_namespace where nspname = current_schema())`.execute(
    db,
  )
  return rows
}

async function give<DB>(
  db: Kysely<DB>,
  view: string,
  { grantee, privilege, is_grantable: isGrantable }: Grant,
): Promise<void> {
  // Postgres has quoted the role where it needs quotes; a privilege is one of its own words.
  const role = sql.raw(grantee ?? 'public')
  const option = sql.raw(isGrantable ? ' with grant option' : '')
  await sql`grant ${sql.raw(privilege)} on ${sql.id(view)} to ${role}${option}`.execute(db)
}
