import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunOptions, runToEnd } from './child.ts'
import { exclusively } from '#activities/exclusive.ts'
import { fingerprint } from './fingerprint.ts'
import { Problem, sentenceIn } from './problem.ts'

const sources = ['ui/**/*', 'schemas/**/*', 'vite.config.ts', 'package-lock.json']

const stampOf = (root: string): string => join(root, 'ui/build/.sources')

const isBuilt = (root: string, wanted: string): boolean =>
  existsSync(stampOf(root)) && readFileSync(stampOf(root), 'utf8') === wanted

type BuildOptions = Pick<RunOptions, 'signal' | 'spawned'>

/** Builds the UI into ui/build when its sources changed since the last build; two at once would spoil it. */
export async function buildUi(root: string, log: (line: string) => void, options: BuildOptions = {}): Promise<void> {
  const wanted = fingerprint(root, sources, ['ui/build/**'])
  if (isBuilt(root, wanted)) return
  const waiting = () => log('another start is building the user interface; waiting for it')
  const build = async () => isBuilt(root, wanted) || run(root, wanted, log, options)
  await exclusively(join(root, '.auterity-build'), build, { signal: options.signal, waiting })
}

const run = async (root: string, wanted: string, log: (line: string) => void, options: BuildOptions): Promise<void> => {
  log('building the user interface')
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  // Whoever asks may be a test: what is built is what people get.
  const env = { ...process.env, NODE_ENV: 'production' }
  const { code, text } = await runToEnd(process.execPath, [vite, 'build'], { ...options, cwd: root, env })
  if (code !== 0) throw buildProblem(text)
  writeFileSync(stampOf(root), wanted)
}

const buildProblem = (text: string): Problem => {
  const what = 'The user interface could not be built'
  const sentence = sentenceIn(text)
  return sentence === undefined
    ? new Problem(`${what}:\n${text}\n`, 'Run `npm run verify`.')
    : new Problem(`${what}.`, sentence)
}
