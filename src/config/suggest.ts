/** Words that users of dlt, Airbyte and Singer know, and what Sluice calls the same thing. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  // keys
  authentication: ['auth'],
  authenticator: ['auth'],
  base: ['base_url'],
  body: ['json'],
  connection: ['connection_string', 'destination'],
  credentials: ['auth', 'connection_string'],
  cron: ['schedule'],
  db: ['destination', 'path'],
  cursor_field: ['cursor_path'],
  data: ['json', 'data_selector'],
  database: ['path', 'connection_string', 'destination'],
  disposition: ['write_disposition'],
  dsn: ['connection_string'],
  environment: ['vars'],
  environments: ['vars'],
  field_path: ['data_selector'],
  file: ['path', 'source'],
  http_method: ['method'],
  id_field: ['primary_key'],
  initial: ['initial_value'],
  key: ['primary_key', 'api_key'],
  lag: ['lookback'],
  page_size: ['limit'],
  paginator: ['pagination'],
  parent: ['depends_on'],
  password: ['api_key'],
  query: ['params'],
  query_params: ['params'],
  records_path: ['data_selector'],
  record_selector: ['data_selector'],
  replication_key: ['cursor_path'],
  request_body: ['json'],
  request_body_json: ['json'],
  request_headers: ['headers'],
  request_parameters: ['params'],
  resources: ['endpoints'],
  row_order: ['order'],
  start: ['start_date', 'initial_value'],
  start_param: ['param_name'],
  start_value: ['initial_value'],
  streams: ['endpoints'],
  sync_mode: ['write_disposition'],
  table: ['table_name'],
  target: ['destination'],
  tables: ['endpoints'],
  transformations: ['transform'],
  uri: ['base_url', 'path', 'connection_string'],
  url: ['base_url', 'path', 'connection_string'],
  url_base: ['base_url'],
  variables: ['vars'],
  // values
  ascending: ['asc'],
  basic: ['http_basic'],
  boolean: ['bool'],
  cursorpagination: ['cursor'],
  datetime: ['timestamp'],
  descending: ['desc'],
  float: ['double'],
  header_link: ['link_header'],
  int: ['bigint'],
  integer: ['bigint'],
  iso8601: ['iso'],
  json_link: ['next_url'],
  jsonb: ['json'],
  key_set: ['keyset'],
  number: ['double'],
  numeric: ['decimal'],
  object: ['json'],
  offsetincrement: ['offset'],
  overwrite: ['replace'],
  page_number: ['page'],
  pageincrement: ['page'],
  pg: ['postgres'],
  postgresql: ['postgres'],
  single_page: ['single'],
  sqlite3: ['sqlite'],
  string: ['text'],
  upsert: ['merge'],
}

/**
 * The candidate that was probably meant: the same word in another spelling, shortened, or in another tool's vocabulary,
 * else the nearest within one edit per three characters. Undefined when none is near.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const plain = simplify(word)
  const same = candidates.find((candidate) => simplify(candidate) === plain)
  if (same !== undefined) return same
  const words = Object.hasOwn(SYNONYMS, word.toLowerCase()) ? SYNONYMS[word.toLowerCase()]! : []
  const synonym = words.find((candidate) => candidates.includes(candidate))
  if (synonym !== undefined) return synonym
  if (word.length > 2) {
    const longer = candidates.find((candidate) => candidate.startsWith(word.toLowerCase()))
    if (longer !== undefined) return longer
  }
  let best: string | undefined
  let least = Math.floor(Math.max(word.length, 3) / 3) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < least && distance < candidate.length) {
      least = distance
      best = candidate
    }
  }
  return best
}

/** `; did you mean "x"?`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = closest(word, candidates)
  return candidate === undefined ? '' : `; did you mean "${candidate}"?`
}

function simplify(word: string): string {
  return word
    .toLowerCase()
    .replaceAll(/[-_ .]/g, '')
    .replace(/s$/, '')
}

/** How many insertions, deletions, substitutions and swaps of neighbours turn one word into the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, substitution)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
