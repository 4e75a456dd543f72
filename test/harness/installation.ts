import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './platform.ts'

/** What `npm start` prints once all parts answer; `setup` is there where nobody has an installation of their own yet. */
export type Ready = {
  url: string
  setup?: string
  signIn: string
  apiKey: string
  hook: { url: string; secret: string }
  sandbox: { url: string }
}

export type Installation = AsyncDisposable & Ready

const script = resolve(import.meta.dirname, '../../deploy/local/start.ts')

/** Starts the demo as a newcomer gets it, or what `options` ask for, in a home and on a port of its own. */
export async function startInstallation(...options: string[]): Promise<Installation> {
  const home = await mkdtemp(join(tmpdir(), 'auterity-home-'))
  await chmod(home, 0o711) // the user who runs PostgreSQL for root has to get through
  const { DATABASE_URL: _, TEMPORAL_ADDRESS: __, AUTERITY_KEY: ___, ...env } = process.env
  const args = ['--home', home, '--port', String(await freePort()), ...options]
  const child = spawn(process.execPath, [script, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
    await rm(home, { recursive: true, force: true })
  }
  const said: string[] = []
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('ready ')) {
      child.stdout.resume()
      return { ...(JSON.parse(line.slice(6)) as Ready), [Symbol.asyncDispose]: stop }
    }
    said.push(line)
  }
  await stop()
  throw new Error(`the installation ended before it was ready:\n${said.join('\n')}`)
}
