import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runToEnd } from './child.ts'
import { Problem } from './problem.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const onPath = (env: NodeJS.ProcessEnv, commands: string[]): string | undefined => {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean)
  return commands.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync)
}

const install = async (env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<void> => {
  const apt = onPath(env, ['apt-get'])
  if (process.getuid?.() !== 0 || apt === undefined) return
  log('installing Chromium (once, about a minute)')
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } }
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const { code, text } = await runToEnd(apt, ['-q', ...args], quiet)
    if (code === 0) continue
    const next = 'Install it yourself, or set AUTERITY_CHROMIUM to a browser of your own.'
    throw new Problem(`Chromium could not be installed: ${text.trim().split('\n').at(-1)}.`, next)
  }
}

/** What `AUTERITY_CHROMIUM` names, undefined where it is not set; throws `Problem` where that cannot be run. */
export function givenChromium(env: NodeJS.ProcessEnv): string | undefined {
  const given = env['AUTERITY_CHROMIUM']
  if (!given) return undefined
  try {
    accessSync(given, constants.X_OK)
    if (statSync(given).isFile()) return given
  } catch (error) {
    throw notRunnable(given, error)
  }
  throw notRunnable(given)
}

const notRunnable = (given: string, cause?: unknown): Problem =>
  new Problem(
    `AUTERITY_CHROMIUM is ${given}, and that is no program that can be run.`,
    'Correct it, or unset it.',
    cause,
  )

/** The path of a Chromium: `AUTERITY_CHROMIUM`, else on PATH, else installed with apt-get where root may. */
export async function findChromium(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<string> {
  const found = givenChromium(env) ?? onPath(env, names)
  if (found !== undefined) return found
  await install(env, log)
  const installed = onPath(env, names)
  if (installed !== undefined) return installed
  throw new Problem(
    'There is no Chromium on PATH.',
    'Install one (on Debian: apt-get install chromium), or set AUTERITY_CHROMIUM to its path.',
  )
}
