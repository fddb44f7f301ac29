#!/usr/bin/env node
import { processEffects } from './effects.ts'
import { runProgram } from './program.ts'

// A reader that goes away (`sluice status | head`) takes the output with it, not the run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

process.exitCode = await runProgram(process.argv.slice(2), processEffects())
