import { createLog } from '#activities/log.ts'
import { createApp } from '#api/app.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase } from '#test/harness/database.ts'
import { withKey } from '#test/harness/people.ts'
import { sender } from '#test/harness/send.ts'

/** The API over a database of its own, and people who draw there. */
export const openDrawing = async () => {
  const database = await testDatabase()
  const app = createApp(testApiDeps(database, { log: createLog('test', 'error', () => {}) }))
  return {
    database,
    app,
    /** Somebody who draws, at a tenant of their own. */
    async drawer() {
      const { authorization, ctx } = await withKey(database.db)
      const send = sender(app)
      const call = (route: string, body?: unknown, headers: Record<string, string> = {}) =>
        send(route, body, { authorization, ...headers })
      const facts = async (subject: string) =>
        (await call(`GET /v1/events?subject=${subject}&limit=200`)).body.items
          .map((event: { type: string }) => event.type)
          .toReversed() as string[]
      return { call, ctx, facts }
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
export type Drawing = Awaited<ReturnType<typeof openDrawing>>

/** Start, a wait of this length, end. */
export const withWait = (duration: string): Definition => ({
  format: 1,
  name: 'Follow up',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'rest', kind: 'wait', with: { duration } },
    { id: 'end', kind: 'end' },
  ],
  edges: [
    { from: 'start', to: 'rest' },
    { from: 'rest', to: 'end' },
  ],
})
