import type { JsonRecord } from '../../core/json.ts'
import { isFieldOf, settingRecords } from '../data/lists.ts'
import { FIELD_PATHS } from '../data/settings/fields.ts'
import type { World } from '../data/world.ts'
import { jsonReply } from '../server/http.ts'
import type { Route } from '../server/router.ts'
import type { CloseApi } from './api.ts'
import { notFound } from './errors.ts'
import { settingRoutes } from './setting-lists.ts'

/** The definitions of custom fields, of the custom types that have some of them, and in which order they are shown. */
export function customFieldRoutes(api: CloseApi): Route[] {
  const { world } = api
  return [
    ...FIELD_PATHS.flatMap((path) =>
      settingRoutes(api, {
        path,
        paging: path === 'custom_field/shared' ? 'whole' : 'pages',
        single: 'CustomField',
        // The path of before the rename still answers.
        aliases: [path.replace('custom_field', 'custom_fields')],
      }),
    ),
    ...settingRoutes(api, {
      path: 'custom_activity',
      paging: 'whole',
      single: 'CustomActivityType',
    }),
    ...settingRoutes(api, {
      path: 'custom_object_type',
      paging: 'whole',
      single: 'CustomObjectType',
    }),
    ...(['lead', 'contact', 'opportunity'] as const).map((kind): Route => ({
      method: 'GET',
      path: `/custom_field_schema/${kind}/`,
      handle: () => jsonReply(schema(world, kind, fieldsOfKind(world, kind))),
    })),
    typeSchemaRoute(world, 'activity', 'custom_activity'),
    typeSchemaRoute(world, 'custom_object', 'custom_object_type'),
    associationRoute(world, '{object_type}'),
    // The association with a custom type is named by the type's id as well.
    associationRoute(world, '{object_type}/{type_id}'),
  ]
}

function schema(world: World, objectType: string, fields: readonly JsonRecord[]): JsonRecord {
  return {
    organization_id: world.org.id,
    object_type: objectType,
    name: objectType.charAt(0).toUpperCase() + objectType.slice(1),
    fields: fields.map((field) => ({ required: false, ...field })),
  }
}

function fieldsOfKind(world: World, kind: 'lead' | 'contact' | 'opportunity'): JsonRecord[] {
  const shared = settingRecords(world, 'custom_field/shared')
  const isShared = (field: JsonRecord) =>
    (field.associations as JsonRecord[]).some(({ object_type: type }) => type === kind)
  return [...settingRecords(world, `custom_field/${kind}`), ...shared.filter(isShared)]
}

function typeSchemaRoute(
  world: World,
  kind: 'activity' | 'custom_object',
  path: 'custom_activity' | 'custom_object_type',
): Route {
  return {
    method: 'GET',
    path: `/custom_field_schema/${kind}/{id}/`,
    handle: (_request, { id }) => {
      if (!world.settings[path].get(id!)) throw notFound('CustomFieldSchema')
      const fields = FIELD_PATHS.flatMap((path) => settingRecords(world, path))
      return jsonReply(
        schema(
          world,
          `${kind}/${id}`,
          fields.filter((field) => isFieldOf(field, id!)),
        ),
      )
    },
  }
}

/** One association of a shared field with a kind of objects, such as `lead` or `custom_activity_type/{type_id}`. */
function associationRoute(world: World, open: string): Route {
  return {
    method: 'GET',
    path: `/custom_field/shared/{id}/association/${open}/`,
    handle: (_request, { id, object_type: kind, type_id: typeId }) => {
      const field = world.settings['custom_field/shared'].get(id!)
      if (!field) throw notFound('CustomField')
      const association = (field.record.associations as JsonRecord[]).find(
        (one) => one.object_type === kind && typeIdOf(one) === typeId,
      )
      if (!association) throw notFound('SharedCustomFieldAssociation')
      return jsonReply(association)
    },
  }
}

function typeIdOf(association: JsonRecord): unknown {
  return association.custom_activity_type_id ?? association.custom_object_type_id
}
