import type { Problem } from './problem.ts'
import type { SourceResult } from './resolve-source.ts'
import type { SourceReference } from './pipelines.ts'
import { didYouMean } from './suggest.ts'

/** What is wrong with a pipeline's `endpoints`; paths are those of the pipeline. */
export function checkSelection(pipeline: SourceReference, source: SourceResult): Problem[] {
  const { endpoints: named } = pipeline
  const problems: Problem[] = []
  for (const [index, name] of (named ?? []).entries()) {
    const path = ['endpoints', index]
    if (!source.endpointNames.includes(name)) {
      const meant =
        didYouMean(name, source.endpointNames) || `; expected ${source.endpointNames.join(', ')}`
      problems.push({ path, message: `${pipeline.source} has no endpoint "${name}"${meant}` })
    } else if (named!.indexOf(name) < index) {
      problems.push({ path, message: `"${name}" is in this list twice` })
    }
  }
  return problems
}
