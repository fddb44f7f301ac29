const { readFileSync, writeSync } = require('node:fs')

/** What a process that was just started had in memory is not its parent's, as it may be in `maxRSS`. */
function peakKb() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
  } catch {
    return process.resourceUsage().maxRSS
  }
}

// Preloaded into each measured process: writes what it took to descriptor 3.
process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  writeSync(3, JSON.stringify({ peak_kb: peakKb(), cpu_ms: (user + system) / 1000 }))
})
