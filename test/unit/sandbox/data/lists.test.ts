import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../../../src/core/json.ts'
import type { ListPath } from '../../../../src/sandbox/data/lists.ts'
import { createWorld } from '../../../../src/sandbox/data/world.ts'

const make = (seed = 21) => createWorld({ leads: 60, seed })

describe('listOf', () => {
  it('gives every list something, the same for the same seed and other things for another', () => {
    const [one, same, other] = [make(), make(), make(22)]
    const settings = Object.keys(one.settings) as (keyof typeof one.settings)[]
    const paths: ListPath[] = [
      ...settings,
      'lead',
      'contact',
      'opportunity',
      'task',
      'activity',
      'activity/emailthread',
      'custom_object',
      'sequence_subscription',
      'comment_thread',
      'comment',
    ]
    for (const path of paths) {
      const records = one.listOf(path)
      expect([path, records.length > 0]).toEqual([path, true])
      expect(records).toEqual(same.listOf(path))
      const ids = new Set(records.map(({ id }) => id))
      expect(ids.size).toBe(records.length)
      expect(other.listOf(path).filter(({ id }) => ids.has(id))).toEqual([])
    }
  })

  it('refers only to settings that exist', () => {
    const world = make()
    const known = (path: ListPath) => new Set(world.listOf(path).map(({ id }) => id))
    const check = (records: readonly JsonRecord[], field: string, target: ListPath) => {
      const ids = known(target)
      const wanted = records.flatMap((record) => record[field] ?? [])
      expect(wanted.length).toBeGreaterThan(0)
      expect(wanted.filter((id) => !ids.has(id))).toEqual([])
    }
    check(world.listOf('sequence_subscription'), 'sequence_id', 'sequence')
    check(world.listOf('sequence_subscription'), 'sender_account_id', 'connected_account')
    check(world.listOf('sequence_subscription'), 'contact_id', 'contact')
    check(world.listOf('custom_object'), 'custom_object_type_id', 'custom_object_type')
    check(world.listOf('activity/custom'), 'custom_activity_type_id', 'custom_activity')
    check(world.listOf('activity/form_submission'), 'form_id', 'form')
    check(world.listOf('dialer'), 'source_value', 'saved_search')
    check(world.listOf('playbook'), 'outcome_ids', 'outcome')
    check(world.listOf('playbook'), 'custom_field_ids', 'custom_field/shared')
    check(world.listOf('comment'), 'thread_id', 'comment_thread')
    check(world.listOf('comment_thread'), 'object_id', 'activity')
    check(world.listOf('connected_account'), 'user_id', 'user')
    const steps = world.listOf('sequence').flatMap(({ steps }) => steps as JsonRecord[])
    check(steps, 'email_template_id', 'email_template')
  })

  it('tells custom values of fields that are defined, in the way they are defined', () => {
    const world = make()
    const paths = [
      'lead',
      'contact',
      'opportunity',
      'activity',
      'custom_object_type',
      'shared',
    ] as const
    const fields = new Map(
      paths.flatMap((path) =>
        world
          .listOf(`custom_field/${path}`)
          .map((field) => [`custom.${field.id as string}`, field]),
      ),
    )
    const records = ['lead', 'contact', 'opportunity', 'activity', 'custom_object'] as const
    const values = records.flatMap((path) =>
      world
        .listOf(path)
        .flatMap((record) => Object.entries(record).filter(([key]) => key.startsWith('custom.'))),
    )
    expect(values.length).toBeGreaterThan(200)
    for (const [key, value] of values) {
      expect(Array.isArray(value)).toBe(fields.get(key)!.accepts_multiple_values)
    }
    expect(new Set(values.map(([key]) => key)).size).toBe(fields.size)
  })
})
