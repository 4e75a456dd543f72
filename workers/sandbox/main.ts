import { z } from 'zod'
import { Config } from './config.ts'
import { startSandbox } from './server.ts'

const log = (level: 'info' | 'error', message: string, extra: object = {}): void => {
  process.stdout.write(
    `${JSON.stringify({ time: new Date().toISOString(), level, process: 'sandbox', message, ...extra })}\n`,
  )
}

const config = Config.safeParse(process.env)
if (config.success) {
  const sandbox = await startSandbox(config.data)
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
} else {
  log('error', `The configuration is not acceptable: ${z.prettifyError(config.error)}`)
  process.exitCode = 1
}
