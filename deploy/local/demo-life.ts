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
 * Points the sandbox's leads and its demo colleague at this installation. They begin by themselves the first time, and
 * after a rest; otherwise the screen says whether they go on, over restarts too.
 */
export const bringToLife = async (sandbox: string, { hook, colleague }: Life): Promise<void> => {
  const { trickle, colleague: known } = (await (await fetch(`${sandbox}/control`)).json()) as ControlState
  await tell(sandbox, 'PUT', '/trickle', { hook, ...(trickle.url === null && { on: true }) } satisfies TricklePatch)
  await tell(sandbox, 'PUT', '/colleague', {
    api: colleague,
    ...(known.name === null && { on: true }),
  } satisfies ColleaguePatch)
  if (trickle.made === 0)
    await tell(sandbox, 'POST', '/leads', { count: first, trickle: true } satisfies Partial<SendLeads>)
}

/** Without the demo no leads come, and nobody decides. */
export const putToRest = async (sandbox: string): Promise<void> => {
  await tell(sandbox, 'PUT', '/trickle', { on: false, hook: null } satisfies TricklePatch)
  await tell(sandbox, 'PUT', '/colleague', { on: false, api: null } satisfies ColleaguePatch)
}
