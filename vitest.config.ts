import { defineConfig } from 'vitest/config'

// One Postgres server serves the whole run; it starts only when a project that needs it is run.
const postgres = ['test/support/postgres-server.ts']

// What is registered has to be so before any configuration is loaded, so that these need modules of their own.
const REGISTERING = 'test/integration/library/**/*.test.ts'

// CI reads its counts from the runner's own report.
const report = process.env.TEST_REPORT
const reporting = report
  ? { reporters: ['default', 'json'], outputFile: { json: report } }
  : { reporters: ['default'] }

// Vitest takes its configuration from the default export.
// oxlint-disable-next-line import/no-default-export
export default defineConfig({
  test: {
    ...reporting,
    // Much of the time is spent waiting for child processes and servers.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          // Loading the modules anew for each file takes a third of the time.
          isolate: false,
          include: ['test/unit/**/*.test.ts', 'test/*.test.ts'],
          setupFiles: ['test/support/unit-setup.ts'],
          // Property tests take seconds where other processes have the cores.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          isolate: false,
          include: ['test/integration/**/*.test.ts'],
          exclude: [REGISTERING],
          globalSetup: postgres,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'library',
          include: [REGISTERING],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: postgres,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
