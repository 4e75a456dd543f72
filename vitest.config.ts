import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { pool: 'forks', include: ['**/*.test.ts'], exclude: ['node_modules/**', 'ui/build/**', '.auterity*/**'] },
})
