import { configDefaults, defineConfig } from 'vitest/config'

const house = 'test/house.test.ts'
const shared = { pool: 'forks', hookTimeout: 60_000, testTimeout: 60_000 } as const

export default defineConfig({
  test: {
    projects: [
      // reads files only, so that `npm run verify` needs no database
      { test: { ...shared, name: 'house', include: [house] } },
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'ui/build/**', '.auterity*/**', house],
          globalSetup: ['./test/harness/setup.ts'],
        },
      },
    ],
  },
})
