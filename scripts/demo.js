// Shows Sluice at work on made-up data: `npm run demo`. Plain Node, because a fresh clone has nothing installed.
// Everything it writes is in data/demo; it leaves the databases there and no process behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = join(ROOT, 'data', 'demo')
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const SOURCES = ['close', 'closeio', 'closum', 'espocrm']
const STOP_MS = 5000
const HOUR_MS = 3_600_000

const BY_STATUS = `
  select leads.status_label as status,
         count(distinct leads.id) as leads,
         count(distinct contact._dlt_id) as contacts,
         count(phone._dlt_id) as phones
  from leads
  left join leads__contacts as contact on contact._dlt_parent_id = leads._dlt_id
  left join leads__contacts__phones as phone on phone._dlt_parent_id = contact._dlt_id
  group by 1 order by 2 desc`

/** Custom fields have columns by their ids; the view has the names that people gave them. */
const BY_TIER = `
  select tier, count(*) as leads, round(avg(seats), 1) as seats, min(renewal) as next_renewal
  from leads_labeled group by 1 order by 2 desc`

const GONE = `
  select display_name as lead, _sluice_deleted_at as seen_gone_at
  from leads where _sluice_deleted_at is not null`

const BY_CITY = `
  select c.city_name as city, count(*) as leads, sum(l.email__email is not null) as with_email
  from leads l join cities c on c.id = l.city_id group by 1 order by 2 desc, 1 limit 5`

const PIPELINE = `
  select stage, count(*) as opportunities, round(sum(amount_converted)) as amount
  from opportunities where _sluice_deleted_at is null group by 1 order by 3 desc limit 5`

const MOST_REACHABLE = `
  select leads.display_name as lead,
         (select city from leads__addresses where _dlt_parent_id = leads._dlt_id limit 1) as city,
         count(phone._dlt_id) as phones,
         group_concat(distinct contact.name) as contacts
  from leads
  join leads__contacts as contact on contact._dlt_parent_id = leads._dlt_id
  join leads__contacts__phones as phone on phone._dlt_parent_id = contact._dlt_id
  group by leads.id order by phones desc, lead limit 5`

const RUNS = `
  select pipeline, row_number() over (order by started_at) as sync, status, requests, records
  from _sluice_runs order by started_at`

/** The child processes at work: the sandbox and one command. */
const children = new Set()

try {
  await prepare()
  await demo()
} catch (error) {
  // An interrupted command fails too; that needs no explanation.
  if (process.exitCode === undefined) {
    process.exitCode = 1
    process.stderr.write(`\nThe demo failed: ${error.message}\n`)
  }
} finally {
  await Promise.all([...children].map(stop))
}

async function prepare() {
  for (const name of ['SIGINT', 'SIGTERM']) {
    process.once(name, () => {
      for (const child of children) child.kill('SIGTERM')
      process.exitCode = 130
    })
  }
  process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL')
  })
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  if (!existsSync(join(ROOT, 'node_modules'))) {
    say('Installing')
    await run(npm, ['ci', '--no-audit', '--no-fund'])
  }
  say('Building')
  await run(npm, ['run', '--silent', 'build'])
}

async function demo() {
  say('Starting the sandbox: local servers that answer as four CRMs do, with made-up data')
  const { sources, env } = await startSandbox()
  const config = writeProject(env)
  const sluice = (...args) => run(process.execPath, [MAIN, '--config', config, ...args], env)

  say('First sync: everything since the start date')
  await sluice('sync', ...SOURCES)

  const tables = await openTables()
  say('What is in the warehouse now')
  for (const name of SOURCES) tables.printCounts(name)
  say('What an analyst can ask: leads by status, with their contacts and phone numbers')
  tables.print('close', BY_STATUS)
  say('And the leads with the most ways to reach somebody')
  tables.print('close', MOST_REACHABLE)
  say('Custom fields by the names that people gave them')
  tables.print('close', BY_TIER)
  say('Leads by city, in Closum')
  tables.print('closum', BY_CITY)
  say('The pipeline, in EspoCRM')
  tables.print('espocrm', PIPELINE)

  say('Somebody edits 3 records in each of them, adds 2 and deletes 1')
  const before = tables.leads('close')
  const changes = { edits: 3, adds: 2, deletes: 1, seed: 7 }
  const changed = []
  for (const name of SOURCES) changed.push(await mutate(sources[name].origin, changes))

  say('Second sync: only what is new since the bookmarks')
  await sluice('sync', ...SOURCES)
  say('The edited leads as they were and as they are now')
  tables.printChanges(before, tables.leads('close'), changed[0].edited)
  say('The lead that is gone')
  tables.print('close', GONE)
  say('What both syncs asked for')
  for (const name of SOURCES) tables.print(name, RUNS)

  tables.close()
  say('The databases are in data/demo, one for each source. Look at them with')
  write('  npx sluice --config data/demo/pipelines.yaml status')
}

/** Starts the sandbox and waits for its addresses. */
async function startSandbox() {
  // Data that ends shortly before now: an event log is kept for some weeks only.
  const endsAt = new Date(Date.now() - HOUR_MS).toISOString()
  const args = [MAIN, 'sandbox', ...SOURCES, '--leads', '200', '--ends-at', endsAt, '--json', '-q']
  const child = start(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'close').then(() => {
    throw new Error('the sandbox ended before it served anything')
  })
  const [line] = await Promise.race([once(lines, 'line'), ended])
  ended.catch(() => {})
  const started = JSON.parse(line)
  for (const name of SOURCES) write(`  ${name} at ${started.sources[name].url}`)
  return started
}

/** The repository's pipelines with databases of the demo's own, so that no real dataset is touched. */
function writeProject(env) {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const pipelines = readFileSync(join(ROOT, 'pipelines.yaml'), 'utf8')
    .replaceAll('config/', '../../config/')
    .replaceAll('data/{dataset}', '{dataset}')
  const config = join(FOLDER, 'pipelines.yaml')
  writeFileSync(config, pipelines)
  // Lets commands find the variables later; the sandbox they point to is gone by then.
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(FOLDER, '.env'), variables.join(''))
  return config
}

async function openTables() {
  const { default: Sqlite } = await import('better-sqlite3')
  const { renderTable } = await import('../dist/cli/output.js')
  const dbs = Object.fromEntries(
    SOURCES.map((name) => [name, new Sqlite(join(FOLDER, `${name}.db`), { readonly: true })]),
  )
  const width = process.stdout.columns ?? 120
  const rowsOf = (name, sql) => dbs[name].prepare(sql).raw().all()
  const print = (columns, rows) => write(indent(renderTable({ columns, rows }, width - 2)))
  const tablesOf = (name) =>
    rowsOf(name, `select name from sqlite_master where type = 'table' order by name`)
      .map(([table]) => table)
      .filter((table) => !/^(_sluice|_dlt|sqlite_)/.test(table) && !table.includes('__'))
  return {
    print(name, sql) {
      const statement = dbs[name].prepare(sql)
      print(
        statement.columns().map((column) => column.name),
        statement.raw().all(),
      )
    },
    printCounts(name) {
      const rows = tablesOf(name).map((table) => [
        table,
        rowsOf(name, `select count(*) from "${table}"`)[0][0],
      ])
      write(`\n  ${name}.db, child tables left out`)
      print(['table', 'rows'], rows)
    },
    leads: (name) =>
      new Map(
        dbs[name]
          .prepare('select * from leads')
          .all()
          .map((row) => [row.id, row]),
      ),
    printChanges(before, after, ids) {
      const rows = ids.flatMap((id) =>
        Object.entries(after.get(id))
          .filter(
            ([column, value]) => column !== '_dlt_load_id' && before.get(id)[column] !== value,
          )
          .map(([column, value]) => [
            after.get(id).display_name,
            column,
            before.get(id)[column],
            value,
          ]),
      )
      print(['lead', 'column', 'before', 'now'], rows)
    },
    close() {
      for (const db of Object.values(dbs)) db.close()
    },
  }
}

async function mutate(origin, counts) {
  const response = await fetch(`${origin}/_sandbox/mutate`, {
    method: 'POST',
    body: JSON.stringify(counts),
  })
  if (!response.ok)
    throw new Error(`the sandbox answered ${response.status}: ${await response.text()}`)
  return response.json()
}

function start(command, args, { env, stdio }) {
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio })
  children.add(child)
  child.once('close', () => children.delete(child))
  return child
}

/** Runs a command to its end. */
async function run(command, args, env) {
  const child = start(command, args, { env, stdio: 'inherit' })
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${signal ?? `exit code ${code}`}`)
}

async function stop(child) {
  const closed = once(child, 'close')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  child.kill('SIGTERM')
  await closed
  clearTimeout(timer)
}

function indent(text) {
  return text.replaceAll(/^/gm, '  ')
}

function say(text) {
  write(`\n${text}`)
}

function write(text) {
  process.stdout.write(`${text}\n`)
}
