import { describe, expect, it } from 'vitest'
import { load, sourceIssues } from './helpers.ts'

/** A source whose first endpoint, in line 3, has these `labels`. */
const sourceOf = (labels: string, others = '  - { name: fields, path: /f }') =>
  `base_url: https://acme.test
endpoints:
  - { name: leads, path: /a, labels: ${labels} }
${others}`

const ofLabels = (labels: string, others?: string) => sourceIssues(sourceOf(labels, others))

describe('labels', () => {
  it.each([
    '{ from: fields, field: "custom.{key}" }',
    '{ from: fields, key: slug, label: text.en, field: "{key}" }',
    '[{ from: fields, field: "custom.{key}" }, { from: leads, field: "c.{key}.value" }]',
  ])('can be %s', async (labels) => {
    const config = await load({ 'acme.yaml': sourceOf(labels) })
    expect(config.pipelines[0]!.source.endpoints[0]!.labels).toHaveLength(
      labels.startsWith('[') ? 2 : 1,
    )
  })

  it('are named by `id` and `name`, where nothing else is said', async () => {
    const config = await load({ 'acme.yaml': sourceOf('{ from: fields, field: "custom.{key}" }') })
    expect(config.pipelines[0]!.source.endpoints.map(({ labels }) => labels)).toEqual([
      [{ from: 'fields', key: 'id', label: 'name', field: 'custom.{key}' }],
      [],
    ])
  })

  it.each([
    ['{ field: "{key}" }', '3:30 "from" is missing'],
    ['{ from: fields }', '3:30 "field" is missing'],
    [
      '{ from: fieds, field: "{key}" }',
      '3:46 no endpoint is called "fieds"; did you mean "fields"?',
    ],
    [
      '{ from: fields, field: custom }',
      '3:61 expected `{key}` where the key of the definition stands: `custom.{key}`',
    ],
    [
      '[{ from: fields, field: "{key}" }, { from: x, field: "{key}" }]',
      '3:81 no endpoint is called "x"',
    ],
    [
      '{ from: fields, field: "{key}", lable: name }',
      '3:70 unknown key "lable"; did you mean "label"?',
    ],
  ])('can not be %s', async (labels, issue) => {
    expect(await ofLabels(labels)).toEqual([issue])
  })

  it('need definitions that are stored as they are', async () => {
    const fields =
      '  - { name: fields, path: /f, columns: { name: { pii: hash }, id: { pii: drop } } }'
    expect(await ofLabels('{ from: fields, field: "{key}" }', fields)).toEqual([
      '3:30 "id" of "fields" is not stored as it is: its `pii` is drop',
      '3:30 "name" of "fields" is not stored as it is: its `pii` is hash',
    ])
  })

  it.each([
    ['  - { name: fields, path: /f }\n  - { name: Leads_Labeled, path: /b }', 'Leads_Labeled'],
    ['  - { name: fields, path: /f, table_name: leads_labeled }', 'fields'],
  ])('need a name for the view that no table has: %j', async (others, owner) => {
    expect(await ofLabels('{ from: fields, field: "{key}" }', others)).toEqual([
      `3:38 the view "leads_labeled" would have the name of the table of "${owner}"; give that a table_name`,
    ])
  })
})
