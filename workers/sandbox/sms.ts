import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import type { Database } from './state.ts'

const Message = z.object({ To: z.string().min(1), From: z.string().min(1), Body: z.string().min(1).max(1600) })

/** Numbers that wrote STOP: they end in 0199. */
const stopped = (number: string): boolean => number.replaceAll(/\D/g, '').endsWith('0199')

/** An error of the vendor: its code, and where it is explained. */
export const smsErrorBody = (status: number, code: number, message: string): object => ({
  code,
  message,
  more_info: `https://www.twilio.com/docs/errors/${code}`,
  status,
})

const present = (row: Record<string, unknown>) => ({
  sid: row['id'],
  to: row['number'],
  body: row['body'],
  status: 'delivered',
  date_created: new Date(String(row['created'])).toUTCString(),
})

/** A pretend Twilio: `POST …/Messages.json` keeps the text, `GET …/Messages.json` lists those of a number, newest first. */
export const createSms = (db: Database, { account, token }: { account: string; token: string }): Hono => {
  const app = new Hono()
  const expected = `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`
  app.use(async (c, next) => {
    if (c.req.header('authorization') === expected) return next()
    return c.json(smsErrorBody(401, 20_003, 'Authenticate'), 401)
  })

  const path = `/2010-04-01/Accounts/${account}/Messages.json`
  app.post(path, async (c) => {
    const parsed = Message.safeParse(Object.fromEntries(new URLSearchParams(await c.req.text())))
    if (!parsed.success) return c.json(smsErrorBody(400, 21_602, 'A message needs To, From and Body.'), 400)
    const { To, Body } = parsed.data
    if (!/^\+?[\d ()-]{7,}$/.test(To)) return c.json(smsErrorBody(400, 21_211, `Invalid 'To' Phone Number: ${To}`), 400)
    if (stopped(To)) return c.json(smsErrorBody(400, 21_610, 'Attempt to send to unsubscribed recipient'), 400)
    const row = {
      id: `SM${randomBytes(16).toString('hex')}`,
      number: To,
      body: Body,
      created: new Date().toISOString(),
    }
    db.prepare('insert into sms values (?, ?, ?, ?)').run(row.id, row.number, row.body, row.created)
    return c.json({ ...present(row), status: 'queued' }, 201)
  })
  app.get(path, (c) => {
    const { To = '', PageSize = '50' } = c.req.query()
    const since = c.req.query('DateSent>') ?? ''
    const rows = db
      .prepare('select * from sms where number = ? and created >= ? order by rowid desc limit ?')
      .all(To, since, Math.min(Number(PageSize) || 50, 1000))
    return c.json({ messages: rows.map(present), page: 0, page_size: rows.length })
  })
  app.all('*', (c) => c.json(smsErrorBody(404, 20_404, 'The requested resource was not found'), 404))
  return app
}
