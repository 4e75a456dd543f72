import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'ui/build/**', '.auterity*/**'],
    globalSetup: ['./test/harness/setup.ts'],
    hookTimeout: 60_000,
    testTimeout: 60_000,
  },
})
