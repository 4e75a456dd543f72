import { asyncLocalStorage as activity } from '@temporalio/activity'
import { refusal } from '#activities/connectors/http.ts'
import type { Mask } from '#activities/credentials/mask.ts'
import { openCredential, type Opened } from '#activities/credentials/vault.ts'
import type { Deps } from '#activities/deps.ts'
import type { Outgoing } from '#activities/outgoing.ts'
import type { Call } from '#schemas/automation/call.ts'
import { isObject, type Json } from '#schemas/automation/json.ts'
import { asText } from '#schemas/automation/value.ts'
import { Fault } from '#schemas/errors.ts'
import { traced } from '#temporal/tracing.ts'

export type HttpCall = Call<{
  method: string
  url: Json
  headers: Json
  body: Json
  expect?: number[]
  credential?: string
}>

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const reading = new Set(['GET', 'HEAD'])

/** Gives what a call is to be signed with, where it may go there. */
export type OpenFor = (call: HttpCall & { credential: string }, url: string) => Promise<Opened>

export const httpCalls = ({ outgoing, open }: { outgoing: Outgoing; open: OpenFor }) => ({
  /** Calls an address that the automation names. What writes carries a key by which the other side knows a repeat. */
  async 'http.request'(call: HttpCall): Promise<Json> {
    const { method, expect = [], credential } = call
    const url = asText(call.url)
    if (!methods.includes(method)) throw new Fault('invalid', `There is no method “${method}”.`)
    const opened = credential === undefined ? undefined : await open({ ...call, credential }, url)
    const answered = await ask(outgoing, call, url, opened)
    const renew = answered.status === 401 && !expect.includes(401) ? opened?.renew : undefined
    const reply = renew === undefined ? answered : await ask(outgoing, call, url, await renew())
    const { status } = reply
    if ((status >= 200 && status < 300) || expect.includes(status)) return { ...reply.said, status }
    throw refusal(new URL(reply.url).host, { status, headers: reply.headers, body: reply.said.body })
  },
})

export const httpActivities = (deps: Pick<Deps, 'db' | 'seal' | 'outgoing'>) =>
  httpCalls({
    outgoing: deps.outgoing,
    // what a test run does must not be for real, so it knows the twin alone
    open: (call, url) =>
      openCredential(deps, call, { ref: call.credential, purpose: call.test ? 'sandbox' : 'live' }, url),
  })

const ask = (outgoing: Outgoing, call: HttpCall, url: string, opened: Opened | undefined) => {
  const { method } = call
  const attributes = { 'http.request.method': method, 'server.address': URL.parse(url)?.hostname }
  return traced(method, { kind: 'client', attributes }, async (span) => {
    const reply = await outgoing({
      method,
      url,
      ...content(call),
      ...(opened === undefined ? {} : { sign: opened.sign }),
      signal: activity.getStore()?.cancellationSignal,
    })
    span.set({ 'http.response.status_code': reply.status })
    const mask: Mask = opened?.mask ?? ((text) => text)
    const headers = Object.fromEntries([...reply.headers].map(([name, value]) => [name, mask(value)]))
    const body = read(reply.body, reply.headers.get('content-type') ?? '', mask)
    return { status: reply.status, url: reply.url, headers: reply.headers, said: { headers, body } }
  })
}

const content = ({ method, headers, body, run, step }: HttpCall) => {
  const given = headersOf(headers)
  const key = reading.has(method) ? {} : { 'idempotency-key': `${run}:${step}` }
  if (body === null || body === undefined) return { headers: { ...key, ...given } }
  if (reading.has(method)) throw new Fault('invalid', `A ${method} request carries no body.`)
  const isText = typeof body === 'string'
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json'
  return { headers: { ...key, 'content-type': type, ...given }, body: isText ? body : JSON.stringify(body) }
}

const headersOf = (headers: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isObject(headers) ? headers : {}).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name.toLowerCase(), asText(value as Json)]],
    ),
  )

/** JSON where the answer says that it is, else the text as its charset has it. */
const read = (bytes: Uint8Array, type: string, mask: Mask): Json => {
  if (bytes.byteLength === 0) return null
  const text = mask(decode(bytes, /charset="?([\w-]+)/i.exec(type)?.[1]))
  if (!/[/+]json\b/i.test(type)) return text
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const decode = (bytes: Uint8Array, charset = 'utf-8'): string => {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}
