import { Fault } from '#schemas/errors.ts'
import { systemsOf, type Connectors } from './connect.ts'
import { request } from './http.ts'
import { performing } from './perform.ts'

export type SmsConfig = { url: string; account: string; token: string; from: string }
type Message = { sid: string; body: string }

/** Twilio's codes for numbers that will never take a text: opted out, no mobile, not there. */
const never = new Set([21_610, 21_211, 21_614, 21_408])

/**
 * Twilio's Messages resource (twilio.com/docs/messaging/api/message-resource). It knows no idempotency key, so what
 * went to the number since yesterday is read first: the same words are not sent again.
 */
export class Sms {
  readonly #config: SmsConfig

  constructor(config: SmsConfig) {
    this.#config = config
  }

  async send({ to, text }: { to: string; text: string }): Promise<string> {
    const known = (await this.#sentTo(to)).find(({ body }) => body === text)
    if (known !== undefined) return known.sid
    const { status, body } = await this.#call('POST', '', { To: to, From: this.#config.from, Body: text }, [400])
    if (status !== 400) return (body as Message).sid
    const { code, message } = body as { code?: number; message?: string }
    throw new Fault(code !== undefined && never.has(code) ? 'text_refused' : 'connector_refused', message)
  }

  async #sentTo(to: string): Promise<Message[]> {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const query = new URLSearchParams({ To: to, 'DateSent>': yesterday, PageSize: '50' })
    const { body } = await this.#call('GET', `?${query.toString()}`)
    return (body as { messages: Message[] }).messages
  }

  #call(method: string, query: string, form?: Record<string, string>, expect: readonly number[] = []) {
    const { url, account, token } = this.#config
    return request({
      system: 'The text message system',
      method,
      url: `${url}/2010-04-01/Accounts/${account}/Messages.json${query}`,
      headers: { authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}` },
      expect,
      ...(form === undefined ? {} : { form }),
    })
  }
}

/** The operations of text messages. */
export const smsActivities = (connectors: Connectors) => ({
  'sms.send': performing<{ to: string; text: string }>('sms.send', async (message, call) => {
    const { sms } = systemsOf(connectors, call)
    if (sms === null) throw new Fault('not_connected', 'No text message system is connected.')
    return { message: await sms.send(message) }
  }),
})
