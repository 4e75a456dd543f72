import type { z } from 'zod'
import { Fault } from '#schemas/errors.ts'
import {
  ColleagueState,
  ControlState,
  Deliveries,
  Mails,
  System,
  TrickleState,
  type sandboxRoutes,
} from '#schemas/sandbox.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'

/** How long the sandbox may take, in ms: sending leads waits for the answer to each of them. */
const patience = 15_000

/** The sandbox's own control address, behind our sign-in: a browser never talks to the sandbox itself. */
export function sandboxHandlers({ sandboxUrl }: Pick<ApiDeps, 'sandboxUrl'>): Handlers<typeof sandboxRoutes> {
  const ask = async <T extends z.ZodType>(
    shape: T,
    method: string,
    path: string,
    body?: object,
  ): Promise<z.output<T>> => {
    if (sandboxUrl === undefined) throw new Fault('sandbox_off')
    const response = await fetch(`${sandboxUrl}/control${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    }).catch((error: unknown) => {
      throw new Fault('connector_unavailable', 'The sandbox does not answer.', {}, error)
    })
    if (response.status >= 500) throw new Fault('connector_unavailable', `The sandbox answered ${response.status}.`)
    const answer: unknown = await response.json()
    if (!response.ok) throw new Fault('connector_refused', refusal(answer))
    return shape.parse(answer)
  }
  return {
    'GET /v1/sandbox': () => ask(ControlState, 'GET', ''),
    'PATCH /v1/sandbox/systems/:system': ({ params, body }) => {
      const system = System.safeParse(params.system)
      if (!system.success) throw new Fault('not_found')
      return ask(ControlState, 'PATCH', `/systems/${system.data}`, body)
    },
    'PUT /v1/sandbox/trickle': ({ body }) => ask(TrickleState, 'PUT', '/trickle', body),
    'PUT /v1/sandbox/colleague': ({ body }) => ask(ColleagueState, 'PUT', '/colleague', body),
    'POST /v1/sandbox/leads': ({ body }) => ask(Deliveries, 'POST', '/leads', body),
    'GET /v1/sandbox/mails': () => ask(Mails, 'GET', '/mails'),
  }
}

const refusal = (answer: unknown): string | undefined =>
  answer !== null && typeof answer === 'object' && 'error' in answer ? String(answer.error) : undefined
