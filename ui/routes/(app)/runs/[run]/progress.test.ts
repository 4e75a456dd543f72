import { expect, test } from 'vitest'
import { progressWords } from './progress.ts'

test.each([
  ['{"asks":["Find a contact","Find vehicles"]}', 'Asked: Find a contact, Find vehicles'],
  ['{"lines":["half"]}', '{"lines":["half"]}'],
  ['{"asks":["Find a con', '{"asks":["Find a con'],
  ['null', 'null'],
])('%s is said as %s', (progress, said) => {
  expect(progressWords(progress)).toBe(said)
})
