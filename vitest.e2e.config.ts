import { defineConfig } from 'vitest/config'

/** Whole stories in a real browser, two files at a time: each has a platform of its own, and mostly waits for it. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/e2e/**/*.e2e.ts'],
    globalSetup: ['./test/harness/screen.ts', './test/harness/setup.ts'],
    maxWorkers: 2,
    maxConcurrency: 3,
    hookTimeout: 180_000,
    testTimeout: 180_000,
  },
})
