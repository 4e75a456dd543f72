import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type HttpBindings, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createColleague } from './colleague.ts'
import type { Config } from './config.ts'
import { createControl } from './control.ts'
import { crmErrorBody } from './crm-errors.ts'
import { createCrm } from './crm.ts'
import { dmsErrorBody } from './dms-errors.ts'
import { createDms } from './dms.ts'
import { createMail } from './mail.ts'
import { createModel, MODEL, modelErrorBody } from './model.ts'
import { createMessages } from './model-messages.ts'
import { createPage } from './page.ts'
import { seedOnce } from './seed.ts'
import { createSms, smsErrorBody } from './sms.ts'
import { openState } from './state.ts'
import { type FailureBody, createSwitchBoard } from './switches.ts'
import { createSource } from './trickle.ts'

const broken: Record<'crm' | 'dms' | 'mail' | 'sms' | 'model', FailureBody> = {
  crm: () => crmErrorBody('SERVICE_ERROR', 'internal error'),
  dms: (status) =>
    status === 503
      ? dmsErrorBody('TARGET-SYSTEM-UNREACHABLE', 'The target system cannot be reached')
      : dmsErrorBody('PROCESSING-ERROR', 'The request could not be processed'),
  mail: (status) => ({ statusCode: status, name: 'internal_server_error', message: 'An unexpected error occurred.' }),
  sms: (status) => smsErrorBody(status, 20_500, 'An internal server error has occurred'),
  model: () => modelErrorBody('The server had an error while processing your request.', 'server_error'),
}

const LARGEST_BODY = 4 * 1024 * 1024

export type Sandbox = { port: number; close: () => Promise<void> }

/** Opens the state, listens on 127.0.0.1 and starts the trickle and the demo colleague. `close` answers what is under way, then ends. */
export const startSandbox = async (config: Config): Promise<Sandbox> => {
  const db = openState(join(config.AUTERITY_HOME, 'sandbox.db'))
  seedOnce(db)
  const stopping = new AbortController()
  const board = createSwitchBoard(db)
  const source = createSource(db, stopping.signal)
  const colleague = createColleague(db, source.isTrickled, stopping.signal)

  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(bodyLimit({ maxSize: LARGEST_BODY }))
  app.use(async (c, next) => {
    await next()
    // A kept-alive connection would hold the process up after its last answer.
    if (stopping.signal.aborted) c.header('Connection', 'close')
  })
  for (const system of ['crm', 'dms', 'mail', 'sms'] as const)
    app.use(`/${system}/*`, board.guard(system, broken[system]))
  for (const wire of ['openai', 'anthropic']) app.use(`/${wire}/*`, board.guard('model', broken.model))
  app.route(
    '/crm',
    createCrm(db, config.AUTERITY_SANDBOX_CRM_TOKEN, () => board.read('crm').rateLimit),
  )
  const dms = {
    clientId: config.AUTERITY_SANDBOX_DMS_CLIENT_ID,
    clientSecret: config.AUTERITY_SANDBOX_DMS_CLIENT_SECRET,
    subscriptionId: config.AUTERITY_SANDBOX_DMS_SUBSCRIPTION_ID,
  }
  app.route(
    '/dms',
    createDms(db, dms, () => board.read('dms').tokenSeconds),
  )
  app.route('/mail', createMail(db, config.AUTERITY_SANDBOX_MAIL_KEY))
  app.route(
    '/sms',
    createSms(db, { account: config.AUTERITY_SANDBOX_SMS_ACCOUNT, token: config.AUTERITY_SANDBOX_SMS_TOKEN }),
  )
  app.route('/openai/v1', createModel(config.AUTERITY_SANDBOX_MODEL_KEY))
  app.route('/anthropic', createMessages(config.AUTERITY_SANDBOX_MODEL_KEY, MODEL))
  app.route('/', createPage(db, board, source))
  app.route('/', createControl(db, board, source, colleague))

  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: config.AUTERITY_SANDBOX_PORT })
  await new Promise<void>((listening, failed) => server.once('listening', listening).once('error', failed))
  const running = Promise.all([source.run(), colleague.run()])
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      stopping.abort()
      await new Promise<void>((closed) => {
        server.close(() => closed())
        if ('closeIdleConnections' in server) server.closeIdleConnections()
      })
      await running
      db.close()
    },
  }
}
