import { type Context, Hono } from 'hono'
import { z } from 'zod'
import {
  ColleaguePatch,
  type ControlState,
  type Mails,
  SendLeads,
  SwitchesPatch,
  System,
  TricklePatch,
} from '#schemas/sandbox.ts'
import type { DemoColleague } from './colleague.ts'
import { revokeTokens } from './dms-token.ts'
import { readJson } from './requests.ts'
import { reseed } from './seed.ts'
import { type Database, readSetting } from './state.ts'
import type { SwitchBoard } from './switches.ts'
import type { Source } from './trickle.ts'
import { allMails, readTruth } from './truth.ts'

const parse = async <T extends z.ZodType>(c: Context, shape: T): Promise<z.output<T>> => {
  const result = shape.safeParse(await readJson(c))
  if (!result.success) throw new Refusal(z.prettifyError(result.error))
  return result.data
}

class Refusal extends Error {
  override name = 'Refusal'
}

/** What the sandbox is told and asked from outside its pretend world: `/control` and `/truth`. */
export const createControl = (db: Database, board: SwitchBoard, source: Source, colleague: DemoColleague): Hono => {
  const app = new Hono()
  const state = (): ControlState => ({
    instance: String(readSetting(db, 'instance')),
    systems: board.state(),
    trickle: source.state(),
    colleague: colleague.state(),
  })
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json({ error: error.message }, 400)
    throw error
  })
  // A page of another site can post only what needs no preflight; JSON needs one, and is never granted.
  app.use('/control/*', async (c, next) => {
    const safe = c.req.method === 'GET' || c.req.header('content-type')?.startsWith('application/json')
    return safe ? next() : c.json({ error: 'send JSON with content-type application/json' }, 415)
  })

  app.get('/truth', (c) => c.json(readTruth(db)))
  app.get('/control', (c) => c.json(state()))
  app.patch('/control/systems/:system', async (c) => {
    const system = System.safeParse(c.req.param('system'))
    if (!system.success) return c.json({ error: 'there is no such system' }, 404)
    board.change(system.data, await parse(c, SwitchesPatch))
    return c.json(state())
  })
  app.post('/control/systems/dms/revoke', (c) => c.json({ revoked: revokeTokens(db) }))
  app.put('/control/trickle', async (c) => c.json(source.change(await parse(c, TricklePatch))))
  app.put('/control/colleague', async (c) => c.json(colleague.change(await parse(c, ColleaguePatch))))
  app.post('/control/leads', async (c) => {
    const order = await parse(c, SendLeads)
    if (order.hook === undefined && source.state().url === null)
      return c.json({ error: 'no hook: give one here or set one with PUT /control/trickle' }, 409)
    return c.json(await source.send(order))
  })
  app.get('/control/mails', (c) => c.json({ mails: allMails(db) } satisfies Mails))
  app.post('/control/reset', (c) => {
    reseed(db)
    board.reset()
    source.reset()
    colleague.reset()
    return c.json(state())
  })
  return app
}
