import { Problem } from './problem.ts'

export type Hook = { url: string; secret: string }

/**
 * Points the leads of the sandbox at `sandbox` (its address) to an installation, or to nobody (null): then none come.
 * Whether they flow is for the screen to say, once they have begun.
 */
export async function pointLeads(sandbox: string, hook: Hook | null): Promise<void> {
  const { trickle } = (await (await fetch(`${sandbox}/control`)).json()) as {
    trickle: { url: string | null; on: boolean }
  }
  const reply = await fetch(`${sandbox}/control/trickle`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ on: hook !== null && (trickle.url === null || trickle.on), hook }),
  })
  if (!reply.ok) throw new Problem(`The sandbox refused to send leads: ${await reply.text()}`, 'See logs/sandbox.log.')
}
