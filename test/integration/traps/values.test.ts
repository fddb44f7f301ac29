import { expect, it } from 'vitest'
import { destinationTypes } from '../../support/databases.ts'
import { reply, serve } from '../../support/http-server.ts'
import { createPipeline } from '../../support/pipeline.ts'

/** A page of notes, as the text that the API sends. */
const page = (...notes: string[]) =>
  reply(200, `{"data": [${notes.join(', ')}]}`, { 'content-type': 'application/json' })

const source = (url: string) => ({
  base_url: url,
  auth: { type: 'none' },
  endpoints: [{ name: 'notes', path: '/notes', data_selector: 'data', primary_key: 'id' }],
})

it('T38: texts stay as they are, both as plain text and as HTML, blanks and line ends included', async () => {
  const note = ' first line\r\n\tsecond &amp; last\n\n'
  const html = '<body><p> first line<br/></p>\r\n<p>second &amp;amp; last</p></body> '
  await using api = await serve({
    '/notes': { data: [1, 2].map((id) => ({ id, note, note_html: html })) },
  })
  await using pipeline = createPipeline('sqlite', source(api.url))
  await pipeline.sync()
  expect(await pipeline.rows('select note, note_html from notes')).toEqual([
    [note, html],
    [note, html],
  ])
})

it.each(destinationTypes)(
  'T42: what JSON may hold and few can store arrives in %s',
  async (type) => {
    await using api = await serve(() =>
      page(
        String.raw`{"id": 1, "text": "a\u0000b", "key\u0000s": "c", "count": 9007199254740993}`,
        String.raw`{"id": 2, "text": "\ud83d and \ud83d\ude00", "count": 1, "count": 2}`,
        String.raw`{"id": 3, "text": "\\u0000", "big": 123456789012345678901234567890}`,
      ),
    )
    await using pipeline = createPipeline(type, source(api.url))
    expect((await pipeline.sync()).endpoints[0]).toMatchObject({ status: 'ok', rejected: 0 })
    const { notes = [] } = await pipeline.dump()
    const columns = ['id', 'text', 'keys', 'count', 'big']
    const byId = [...notes].sort((a, b) => Number(a.id) - Number(b.id))
    expect(byId.map((row) => columns.map((name) => String(row[name])))).toEqual([
      ['1', 'ab', 'c', '9007199254740993', 'null'],
      ['2', '\ufffd and 😀', 'null', '2', 'null'],
      ['3', String.raw`\u0000`, 'null', 'null', '123456789012345678901234567890'],
    ])
  },
)
