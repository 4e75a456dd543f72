import { asyncLocalStorage as activity } from '@temporalio/activity'
import { refusal } from '#activities/connectors/http.ts'
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

export const httpActivities = ({ outgoing }: { outgoing: Outgoing }) => ({
  /** Calls an address that the automation names. What writes carries a key by which the other side knows a repeat. */
  async 'http.request'(call: HttpCall): Promise<Json> {
    const { method, expect = [] } = call
    const url = asText(call.url)
    if (!methods.includes(method)) throw new Fault('invalid', `There is no method “${method}”.`)
    if (call.credential !== undefined) throw new Fault('invalid', `There is no connection called “${call.credential}”.`)
    const attributes = { 'http.request.method': method, 'server.address': URL.parse(url)?.hostname }
    const reply = await traced(method, { kind: 'client', attributes }, async (span) => {
      const reply = await outgoing({
        method,
        url,
        ...content(call),
        signal: activity.getStore()?.cancellationSignal,
      })
      span.set({ 'http.response.status_code': reply.status })
      return reply
    })
    const { status, headers } = reply
    const body = read(reply.body, headers.get('content-type') ?? '')
    if ((status >= 200 && status < 300) || expect.includes(status))
      return { status, headers: Object.fromEntries(headers), body }
    throw refusal(new URL(reply.url).host, { status, headers, body })
  },
})

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
const read = (bytes: Uint8Array, type: string): Json => {
  if (bytes.byteLength === 0) return null
  const text = decode(bytes, /charset="?([\w-]+)/i.exec(type)?.[1])
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
