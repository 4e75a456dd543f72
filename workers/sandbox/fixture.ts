import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Config } from './config.ts'
import { startSandbox } from './server.ts'

/** An answer as a test looks at it: `body` is the parsed JSON, or the text where it is none. */
type Answer = { status: number; headers: Headers; body: any } // oxlint-disable-line typescript/no-explicit-any

export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** A JSON caller of one base address over a real socket. */
export const caller =
  (base: string, always: Record<string, string> = {}): Call =>
  async (method, path, body, headers = {}) => {
    const json = body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }
    const response = await fetch(base + path, {
      method,
      headers: { ...json, ...always, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }

/** A new folder for the state of one sandbox; it goes away with the test. */
export const temporaryHome = (): { path: string; [Symbol.dispose]: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'auterity-sandbox-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** A sandbox of its own in this process, on a free port, with callers for its systems. */
export const openSandbox = async () => {
  const home = temporaryHome()
  const sandbox = await startSandbox(Config.parse({ AUTERITY_HOME: home.path }))
  const url = `http://127.0.0.1:${sandbox.port}`
  return {
    url,
    call: caller(url),
    crm: caller(`${url}/crm`, { authorization: 'Bearer pat-sandbox' }),
    mail: caller(`${url}/mail`, { authorization: 'Bearer re_sandbox' }),
    [Symbol.asyncDispose]: async () => {
      await sandbox.close()
      home[Symbol.dispose]()
    },
  }
}
