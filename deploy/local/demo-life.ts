import type { ColleaguePatch, ControlState, SendLeads, TricklePatch } from '#schemas/sandbox.ts'
import { Problem } from './problem.ts'

type Life = {
  /** Where the trickle sends its leads. */
  hook: { url: string; secret: string }
  /** As whom the demo colleague decides, and at which API. */
  colleague: { name: string; url: string; key: string }
}

/** So many leads come at once in the life of a demo: some are left to the visitor, the others soon end as they should. */
const first = 12

const tell = async (sandbox: string, method: 'PUT' | 'POST', path: string, body: object): Promise<void> => {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${sandbox}/control${path}`, { method, headers, body: JSON.stringify(body) })
  if (!reply.ok) throw new Problem(`The sandbox refused ${path}: ${await reply.text()}`, 'See logs/sandbox.log.')
}

/**
 * Points the sandbox's leads and its demo colleague at this installation. They begin by themselves the first time;
 * after that the screen says whether they go on, over restarts too.
 */
export const bringToLife = async (sandbox: string, { hook, colleague }: Life): Promise<void> => {
  const { trickle, colleague: known } = (await (await fetch(`${sandbox}/control`)).json()) as ControlState
  const leadsAreNew = trickle.url === null
  await tell(sandbox, 'PUT', '/trickle', { hook, ...(leadsAreNew && { on: true }) } satisfies TricklePatch)
  await tell(sandbox, 'PUT', '/colleague', {
    api: colleague,
    ...(known.name === null && { on: true }),
  } satisfies ColleaguePatch)
  if (leadsAreNew) await tell(sandbox, 'POST', '/leads', { count: first, trickle: true } satisfies Partial<SendLeads>)
}
