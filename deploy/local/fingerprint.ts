import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A hash over the paths and contents of all files below `root` that match: another one when anything has changed. */
export const fingerprint = (root: string, sources: readonly string[], exclude: readonly string[] = []): string => {
  const hash = createHash('sha256')
  const files = globSync(sources, { cwd: root, exclude, withFileTypes: true })
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  for (const path of paths.sort()) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path))
  return hash.digest('hex')
}
