import type { JsonRecord } from '../core/json.ts'
import type { FailedRecord } from './writer.ts'

/** Where more records of one page can't be stored, it is not for what they hold. */
const MAX_MISFITS = 10

/** Why some records of a page, in their order, can't be written together; null when they can. */
export type FindProblem = (records: readonly JsonRecord[]) => Promise<string | null>

/**
 * The records of a page that a destination can't store, found by trying: the first that does not fit to those before it,
 * and so on.
 *
 * @returns null when there are too many of them, or none
 */
export async function findMisfits(
  records: readonly JsonRecord[],
  findProblem: FindProblem,
): Promise<{
  readonly kept: readonly JsonRecord[]
  readonly misfits: readonly FailedRecord[]
} | null> {
  const kept: JsonRecord[] = []
  const misfits: FailedRecord[] = []
  let rest = records
  for (let problem = await findProblem(rest); problem !== null;) {
    if (misfits.length === MAX_MISFITS || rest.length === 0) return null
    const { at, reason } = await firstMisfit(kept, { rest, problem }, findProblem)
    kept.push(...rest.slice(0, at))
    misfits.push({ record: rest[at]!, reason: `the destination can not store it: ${reason}` })
    rest = rest.slice(at + 1)
    problem = await findProblem([...kept, ...rest])
  }
  return misfits.length === 0 ? null : { kept: [...kept, ...rest], misfits }
}

/** The position in `rest` of the first record with which it does not fit any more. */
async function firstMisfit(
  kept: readonly JsonRecord[],
  { rest, problem }: { readonly rest: readonly JsonRecord[]; readonly problem: string },
  findProblem: FindProblem,
): Promise<{ readonly at: number; readonly reason: string }> {
  let [fitting, failing, reason] = [0, rest.length, problem]
  while (failing - fitting > 1) {
    const middle = Math.floor((fitting + failing) / 2)
    const found = await findProblem([...kept, ...rest.slice(0, middle)])
    if (found === null) fitting = middle
    else [failing, reason] = [middle, found]
  }
  return { at: failing - 1, reason }
}
