import { asSluiceError } from '../../../src/core/errors.ts'
import { openDataset, type OpenDatasetOptions } from '../../../src/state/dataset.ts'

/** A process that opens and locks the dataset it is sent, says how that went, and holds it until it is killed. */
process.on('message', (options: OpenDatasetOptions) => {
  void lock(options).then((answer) => process.send!(answer))
})
process.send!('ready')

async function lock(options: OpenDatasetOptions): Promise<string> {
  try {
    const dataset = await openDataset(options)
    await dataset!.lock({ runId: `run-${process.pid}`, pipeline: 'p' })
    return 'locked'
  } catch (error) {
    const { code, message } = asSluiceError(error)
    return code === 'RUN_LOCKED' ? code : `${code}: ${message}`
  }
}
