#!/usr/bin/env node
import { processEffects } from './effects.ts'
import { runProgram } from './program.ts'

// A reader that goes away (`sluice status | head`) takes the output with it, not the run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

// The stack traces that -v prints are to name files of the source. Node has to know before it loads what is in them.
if (process.argv.some((word) => word === '-v' || word === '--verbose')) {
  process.setSourceMapsEnabled(true)
}

process.exitCode = await runProgram(process.argv.slice(2), processEffects())
