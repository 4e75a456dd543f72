import { isAbsolute, relative } from 'node:path'
import { sentenceOf } from './problem.ts'
import { type Count, none } from './test-count.ts'

/** Whether vitest's own tests run at all, and which of the end-to-end files do. */
export type Plan = { unit: boolean; e2e: string[] }

/** Test files, with paths from `root`. */
export type TestFiles = { root: string; unit: string[]; e2e: string[] }

/** What `npm test` was asked for: parts of paths, in any case of letters, as vitest takes them; nothing asks for all. */
export function planOf(args: readonly string[], { root, unit, e2e }: TestFiles): Plan {
  if (args.length === 0) return { unit: true, e2e }
  // vitest has options of its own (`-t name`), and what they choose from are its own tests
  if (args.some((arg) => arg.startsWith('-'))) return { unit: true, e2e: [] }
  const wanted = args.map((arg) => (isAbsolute(arg) ? relative(root, arg) : arg.replace(/^\.\//, '')).toLowerCase())
  const matches = (file: string): boolean => wanted.some((part) => file.toLowerCase().includes(part))
  return { unit: unit.some(matches), e2e: e2e.filter(matches) }
}

/** What becomes of end-to-end files that find no browser: they fail where they are `required`, else they are left out, and that is said. */
export function withoutBrowser(
  files: readonly string[],
  error: unknown,
  required: boolean,
  say: (line: string) => void,
): Count {
  const why = sentenceOf(error)
  if (required) return { ...none, failed: files.map((file) => `${file}: ${why}`) }
  say(`SKIPPED  ${files.length} end-to-end ${files.length === 1 ? 'file' : 'files'}: ${why}`)
  return { ...none, skipped: files.length }
}
