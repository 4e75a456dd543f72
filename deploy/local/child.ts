import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export type Exit = { code: number | null; signal: NodeJS.Signals | null }

/** Resolves when the process is gone, at once if it is already. */
export const exitOf = async (child: ChildProcess): Promise<Exit> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return { code: child.exitCode, signal: child.signalCode }
}

/** Asks a process to end, and ends it by force after `graceMs` milliseconds. */
export const endChild = async (child: ChildProcess, signal: NodeJS.Signals, graceMs: number): Promise<void> => {
  const force = setTimeout(() => child.kill('SIGKILL'), graceMs)
  child.kill(signal)
  await exitOf(child)
  clearTimeout(force)
}

export type Output = { code: number | null; text: string }

export type RunOptions = {
  uid?: number
  gid?: number
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Ends the command when it is aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  spawned?: ((pid: number) => void) | undefined
}

/** Runs a command to its end; gives its exit code (null when it could not be started) and all that it said. */
export const runToEnd = async (
  command: string,
  args: readonly string[],
  { signal, spawned, ...options }: RunOptions = {},
): Promise<Output> => {
  signal?.throwIfAborted()
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  if (child.pid !== undefined) spawned?.(child.pid)
  const end = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', end)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  try {
    await once(child, 'close')
  } catch (error) {
    return { code: null, text: String(error) }
  } finally {
    signal?.removeEventListener('abort', end)
  }
  signal?.throwIfAborted()
  return { code: child.exitCode, text: Buffer.concat(chunks).toString() }
}
