import type { SwitchesPatch, System, Truth } from '#schemas/sandbox.ts'

/** The sandbox as a test steers it: switches of its systems, and what they hold. */
export const sandboxAt = (url: string) => ({
  async turn(system: System, patch: SwitchesPatch): Promise<void> {
    const reply = await fetch(`${url}/control/systems/${system}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(patch),
    })
    if (!reply.ok) throw new Error(`the sandbox answered ${reply.status}: ${await reply.text()}`)
  },
  truth: async (): Promise<Truth> => (await (await fetch(`${url}/truth`)).json()) as Truth,
})
