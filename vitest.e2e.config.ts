import { defineConfig } from 'vitest/config'

/** Whole stories in a real browser, one after the other: each starts the platform by itself. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/e2e/**/*.e2e.ts'],
    globalSetup: ['./test/harness/screen.ts', './test/harness/setup.ts'],
    fileParallelism: false,
    hookTimeout: 180_000,
    testTimeout: 180_000,
  },
})
