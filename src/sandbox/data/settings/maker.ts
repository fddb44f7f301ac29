import type { JsonRecord } from '../../../core/json.ts'
import type { Org } from '../org.ts'
import type { Random } from '../random.ts'
import { DAY, instant, naiveInstant } from '../times.ts'

/** What the makers of settings share. */
export interface SettingMaker {
  readonly org: Org
  readonly random: Random
  /** One of the users, round and round. */
  readonly userId: (i: number) => string
  /** Whose a record is and when it was made and changed. */
  readonly dates: (i?: number) => JsonRecord
  /** The same and who did it. */
  readonly stamps: (i?: number) => JsonRecord
  /** As `dates`, for those kinds whose times are UTC without saying so. */
  readonly naiveDates: (i?: number) => JsonRecord
}

export function createSettingMaker(org: Org, random: Random): SettingMaker {
  const founded = Date.parse(org.dateCreated)
  const userId = (i: number) => org.users[i % org.users.length]!.id as string
  const datesWith =
    (write: (ms: number) => string) =>
    (i = 0): JsonRecord => {
      const created = founded + (31 + i) * DAY
      // Some were never changed after they were made.
      const updated = i % 3 === 2 ? created : created + 90 * DAY
      return {
        organization_id: org.id,
        date_created: write(created),
        date_updated: write(updated),
      }
    }
  const dates = datesWith(instant)
  return {
    org,
    random,
    userId,
    dates,
    stamps: (i = 0) => ({ ...dates(i), created_by: userId(i), updated_by: userId(i) }),
    naiveDates: datesWith(naiveInstant),
  }
}
