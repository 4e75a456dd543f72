import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { expect, test } from 'vitest'

/** The files that webpack put into the workflow bundle of this run, from its source map. */
const bundled = (): string[] => {
  const file = process.env['AUTERITY_WORKFLOW_BUNDLE']
  if (file === undefined) throw new Error('AUTERITY_WORKFLOW_BUNDLE is not set: run tests through `npm test`.')
  const map = /sourceMappingURL=data:[^,]*base64,(\S+)/.exec(readFileSync(file, 'utf8'))?.[1]
  if (map === undefined) throw new Error('The workflow bundle carries no source map.')
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] }
  return sources
}

test('list', () => { console.log(bundled()) })
