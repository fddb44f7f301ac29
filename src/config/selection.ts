import type { Problem } from './problem.ts'
import type { SourceResult } from './resolve-source.ts'
import type { PipelineConfig } from './schema.ts'
import { didYouMean } from './suggest.ts'

/** What is wrong with a pipeline's `endpoints`; paths are those of the pipeline. */
export function checkSelection(pipeline: PipelineConfig, source: SourceResult): Problem[] {
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
  if (named && source.source) {
    const loaded = new Set(named)
    for (const { name, depends_on: parent } of source.source.endpoints) {
      if (!loaded.has(name) || !parent?.only_changed || loaded.has(parent.endpoint)) continue
      problems.push({
        path: ['endpoints', named.indexOf(name)],
        message: `"${name}" reads the children of changed "${parent.endpoint}" only, so that must be in this list too`,
      })
    }
  }
  return problems
}
