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

/** See `Reader.dependentsOf`: what reads the view, and what is made of the type of its rows. */
export async function readDependentsOf<DB>(db: Kysely<DB>, view: string): Promise<string[]> {
  // A view depends by way of its rule; any other rule is a thing of its own.
  const { rows } = await sql<{ name: string }>`
    with own as (
      select c.oid as view, 'pg_class'::regclass as catalog, c.oid from pg_class as c where ${isView(view)}
      union all
      select c.oid, 'pg_type'::regclass, t.oid from pg_class as c
      join pg_type as row on row.oid = c.reltype
      join pg_type as t on t.oid in (row.oid, row.typarray)
      where ${isView(view)}
    )
    select distinct case rule.rulename
      when '_RETURN' then pg_describe_object('pg_class'::regclass, rule.ev_class, 0)
      else pg_describe_object(d.classid, d.objid, d.objsubid) end as name
    from own join pg_depend as d on d.refclassid = own.catalog and d.refobjid = own.oid
    left join pg_rewrite as rule on rule.oid = d.objid and d.classid = 'pg_rewrite'::regclass
    where d.deptype = 'n' and rule.ev_class is distinct from own.view
    order by name`.execute(db)
  return rows.map(({ name }) => name)
}

function isView(name: string) {
  return sql`c.relname = ${name}
    and c.relnamespace = (select oid from pg_namespace where nspname = current_schema())`
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
