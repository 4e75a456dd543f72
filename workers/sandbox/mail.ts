import { createHash, randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import { bearer, readJson } from './requests.ts'
import { type Database, transaction } from './state.ts'

const address = /^(?:[^<>@]*<[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)$/
const Address = z.string().trim().regex(address)
const list = z.union([Address.transform((one) => [one]), z.array(Address).min(1).max(50)])
const Email = z
  .object({
    from: Address,
    to: list,
    cc: list.optional(),
    bcc: list.optional(),
    reply_to: list.optional(),
    subject: z.string().min(1),
    text: z.string().optional(),
    html: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    tags: z
      .array(z.object({ name: z.string().regex(/^[\w-]{1,256}$/), value: z.string().regex(/^[\w-]{1,256}$/) }))
      .optional(),
  })
  .refine((mail) => mail.text !== undefined || mail.html !== undefined, {
    path: ['html'],
    message: 'Missing `html` or `text` field.',
  })

/** Mail boxes that never take a message, by their local part. */
const REFUSING = /(?:^|<)(?:bounce|bounced|suppressed)(?:\+[^@]*)?@/i

const error = (statusCode: number, name: string, message: string) => ({ statusCode, name, message })

/** A pretend Resend: `POST /emails` puts the message into the sink, `GET /emails/:id` shows it. */
export const createMail = (db: Database, key: string): Hono => {
  const app = new Hono()
  app.use(async (c, next) => {
    const given = bearer(c)
    if (given === undefined) return c.json(error(401, 'missing_api_key', 'Missing API Key'), 401)
    if (given !== key) return c.json(error(403, 'invalid_api_key', 'API key is invalid'), 403)
    return next()
  })

  app.post('/emails', async (c) => {
    const idempotencyKey = c.req.header('idempotency-key')
    if (idempotencyKey !== undefined && !/^.{1,256}$/.test(idempotencyKey))
      return c.json(error(400, 'invalid_idempotency_key', 'The key must be between 1-256 chars.'), 400)
    const body = await readJson(c)
    const parsed = Email.safeParse(body)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const field = issue?.path[0]
      const message = `Invalid \`${String(field ?? 'body')}\` field. ${issue?.message ?? ''}`.trim()
      return c.json(error(422, 'validation_error', message), 422)
    }
    const mail = parsed.data
    const refused = mail.to.find((one) => REFUSING.test(one))
    if (refused !== undefined)
      return c.json(error(422, 'validation_error', `The recipient ${refused} is on the suppression list.`), 422)

    const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex')
    const outcome = transaction(db, () => {
      const known =
        idempotencyKey === undefined
          ? undefined
          : db.prepare('select digest, mail from mail_key where key = ?').get(idempotencyKey)
      if (known !== undefined) return known['digest'] === digest ? String(known['mail']) : undefined
      const id = randomUUID()
      const lead = mail.tags?.find((tag) => tag.name === 'lead')?.value ?? null
      db.prepare('insert into mail values (?, ?, ?, ?)').run(id, lead, JSON.stringify(mail), new Date().toISOString())
      if (idempotencyKey !== undefined)
        db.prepare('insert into mail_key values (?, ?, ?)').run(idempotencyKey, digest, id)
      return id
    })
    if (outcome !== undefined) return c.json({ id: outcome })
    const message = 'Same idempotency key used with a different request payload.'
    return c.json(error(409, 'invalid_idempotent_request', message), 409)
  })

  app.get('/emails/:id', (c) => {
    const row = db.prepare('select * from mail where id = ?').get(c.req.param('id'))
    if (row === undefined) return c.json(error(404, 'not_found', 'Email not found'), 404)
    const mail = Email.parse(JSON.parse(String(row['body'])))
    return c.json({ object: 'email', id: row['id'], created_at: row['created'], last_event: 'delivered', ...mail })
  })
  app.all('*', (c) => c.json(error(404, 'not_found', 'The requested endpoint does not exist.'), 404))
  return app
}
