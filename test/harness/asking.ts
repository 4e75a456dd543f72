import type { Approval } from '#schemas/approvals.ts'
import type { Role } from '#schemas/access.ts'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import type { Run } from '#schemas/runs.ts'
import type { Mails } from '#schemas/sandbox.ts'
import { install } from './drawn.ts'
import { cookieOf, newPerson } from './people.ts'
import type { Platform } from './platform.ts'
import { until } from './until.ts'

type Answer<T> = { status: number; body: T & { code?: string; detail?: string; issues?: { path: string }[] } }

/** Somebody of this role at a browser of their own. */
export const personAt = async (platform: Platform, role: Role, name: string) => {
  const { user, email, token } = await newPerson(platform.database.db, platform.ctx, role, name)
  const post = async <T = Approval>(path: string, body: object, cookie = ''): Promise<Answer<T>> => {
    const headers = { 'content-type': 'application/json', origin: platform.url, cookie }
    const reply = await fetch(`${platform.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: reply.status, body: (await reply.json()) as Answer<T>['body'] }
  }
  const headers = { 'content-type': 'application/json', origin: platform.url }
  const signIn = { method: 'POST', headers, body: JSON.stringify({ token }) }
  const cookie = cookieOf(await fetch(`${platform.url}/v1/session/link`, signIn))
  return {
    user,
    email,
    decide: (approval: string, body: object) => post(`/v1/approvals/${approval}/decide`, body, cookie),
    skip: (run: string, note?: string) =>
      post<Run>(`/v1/runs/${run}/skip`, { step: 'ask#0', way: 'rejected', note }, cookie),
    delegate: (approval: string, body: object) => post(`/v1/approvals/${approval}/delegate`, body, cookie),
    list: async (query: string) => {
      const reply = await fetch(`${platform.url}/v1/approvals?${query}`, { headers: { cookie } })
      return ((await reply.json()) as { items: Approval[] }).items.map(({ approval }) => approval)
    },
  }
}

/** Asks for a discount, of whom the fields say. */
export const asking = (fields: NonNullable<Node['with']>): Definition => ({
  format: 1,
  name: 'Discount',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'ask', kind: 'approval', with: { ask: 'How much off?', ...fields } },
    {
      id: 'end',
      kind: 'end',
      with: { output: { off: { cel: 'steps.ask.values.off' }, by: { cel: 'steps.ask.by.id' } } },
    },
    { id: 'no', kind: 'end', with: { outcome: 'no' } },
  ],
  edges: [
    { from: 'start', to: 'ask' },
    { from: 'ask', port: 'approved', to: 'end' },
    { from: 'ask', port: 'rejected', to: 'no' },
  ],
})

let drawings = 0
/** Starts a run of it; gives the run and its open approval. */
export const askAt = async (platform: Platform, fields: NonNullable<Node['with']>) => {
  const handle = `discount-${++drawings}`
  await install(platform.database.db, platform.ctx, asking(fields), handle)
  const { body: run } = await platform.post<Run>(`/v1/automations/${handle}/runs`, { input: {} })
  const approval = await until('somebody is asked', async () => {
    const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${run.id}`)
    return items[0]?.approval
  })
  return { run: run.id, approval }
}
/** The letters about an approval that the mail system has taken. */
export const lettersAbout = async (platform: Platform, approval: string) => {
  const { mails } = (await (await fetch(`${platform.sandboxUrl}/control/mails`)).json()) as Mails
  return mails.filter(({ text }) => text?.includes(approval))
}
