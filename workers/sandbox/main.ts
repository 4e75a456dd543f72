import { z } from 'zod'
import { Config } from './config.ts'
import { type Sandbox, startSandbox } from './server.ts'

const log = (level: 'info' | 'error', message: string, extra: object = {}): void => {
  process.stdout.write(
    `${JSON.stringify({ time: new Date().toISOString(), level, process: 'sandbox', message, ...extra })}\n`,
  )
}

const serveUntilTold = (sandbox: Sandbox): void => {
  log('info', 'listening', { port: sandbox.port })
  process.send?.({ ready: true, port: sandbox.port })

  let stopping = false
  const stop = async (reason: string): Promise<void> => {
    if (stopping) return
    stopping = true
    log('info', 'stopping', { reason })
    await sandbox.close()
    if (process.connected) process.disconnect()
  }
  process.once('SIGTERM', () => void stop('SIGTERM'))
  process.once('SIGINT', () => void stop('SIGINT'))
  process.once('disconnect', () => void stop('the parent process is gone'))
}

const config = Config.safeParse(process.env)
try {
  if (!config.success) throw new Error(`The configuration is not acceptable: ${z.prettifyError(config.error)}`)
  serveUntilTold(await startSandbox(config.data))
} catch (error) {
  log('error', error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
