import type { JsonRecord } from '../../../core/json.ts'
import type { Build } from './build.ts'
import { person, reachableAt } from './people.ts'

/** The administrator of an old installation, the system's own user, and the one that API keys belong to. */
export const ADMIN_ID = '1'
export const SYSTEM_ID = 'system'
export const API_USER_ID = '664f00aa11bb22cc3'

const FIXED: readonly JsonRecord[] = [
  { id: ADMIN_ID, userName: 'admin', type: 'admin', name: 'Admin', lastName: 'Admin' },
  { id: SYSTEM_ID, userName: 'system', type: 'system', name: 'System', lastName: 'System' },
  { id: API_USER_ID, userName: 'etl_bot', type: 'api', name: 'ETL Bot', lastName: 'ETL Bot' },
]

/** The first three users are in every installation, under ids of their own. */
export const buildUser: Build = (context) => {
  const { random, index } = context
  const fixed = FIXED[index]
  if (fixed) return { record: { isActive: true, ...fixed }, links: { teams: [] } }
  return {
    record: {
      userName: `user${index}`,
      type: 'regular',
      ...person(random),
      isActive: index % 5 !== 4,
      title: random.chance(0.5) ? 'Sales' : null,
      ...reachableAt(random, `user${index}@company.example`),
      defaultTeamId: context.pick('Team'),
    },
    links: {
      teams: [{ id: context.pick('Team'), columns: { role: random.pick(['Lead', null]) } }],
    },
  }
}

export const buildTeam: Build = ({ index }) => ({
  record: {
    name: ['Sales', 'Support', '東京', 'Größe "XL"'][index] ?? `Team ${index + 1}`,
    positionList: index % 2 === 0 ? ['Lead', 'Member'] : [],
  },
})

export const buildRole: Build = ({ index }) => ({
  record: {
    name: ['Read only', 'Sales', 'Support'][index] ?? `Role ${index + 1}`,
    assignmentPermission: 'team',
    data: { Lead: { read: 'all', edit: 'no' }, Case: false },
  },
})

export const buildActionHistoryRecord: Build = (context) => {
  const { random, index } = context
  const targetType = random.pick(['Account', 'Contact', 'Lead'] as const)
  const userId = random.pick([ADMIN_ID, API_USER_ID])
  return {
    record: {
      number: index + 1,
      action: random.pick(['read', 'update', 'create']),
      targetType,
      targetId: context.pick(targetType),
      userId,
      userType: userId === ADMIN_ID ? 'admin' : 'api',
      ipAddress: '10.0.0.9',
      data: null,
    },
  }
}
