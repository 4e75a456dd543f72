import { Fault } from '#schemas/errors.ts'
import { request } from './http.ts'

export type MailConfig = { url: string; key: string; from: string }
export type Mail = {
  to: string
  subject: string
  text: string
  tag: { name: string; value: string }
  idempotencyKey: string
}

/** Sends through a Resend-shaped mail API (`POST /emails`, `Idempotency-Key`); the same key sends once. Gives its id. */
export async function sendMail(config: MailConfig, mail: Mail): Promise<string> {
  const { status, body } = await request({
    system: 'The mail system',
    method: 'POST',
    url: `${config.url}/emails`,
    headers: { authorization: `Bearer ${config.key}`, 'idempotency-key': mail.idempotencyKey },
    expect: [422],
    json: {
      from: config.from,
      to: [mail.to],
      subject: mail.subject,
      text: mail.text,
      tags: [mail.tag],
    },
  })
  if (status === 422) throw new Fault('mail_refused', (body as { message?: string } | null)?.message)
  return (body as { id: string }).id
}
