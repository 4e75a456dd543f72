import type { ProblemCode } from '../problem.ts'

/** What is wrong at a path; where in the text that is, is found out when all is known. */
export type Finding = {
  code: ProblemCode
  message: string
  path: readonly (string | number)[]
  level?: 'warning'
  of?: 'key'
  /** Which characters of the text at the path. */
  range?: { start: number; end: number }
  /** What should stand there, or in the range, or for the key. */
  write?: { as: string; of?: 'key' }
}
