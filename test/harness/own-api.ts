import { afterAll, beforeAll } from 'vitest'
import { createApp } from '#api/app.ts'
import type { ApiDeps } from '#api/deps.ts'
import type { Role } from '#schemas/access.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testApiDeps } from './api.ts'
import { testDatabase, type TestDatabase } from './database.ts'
import { signedIn, withKey } from './people.ts'
import { sender } from './send.ts'

/** An API over a database of its own, for the tests of one file: made before the first of them, gone after the last. */
export function ownApi(over: Partial<ApiDeps> = {}) {
  let made: { database: TestDatabase; app: ReturnType<typeof createApp>; send: ReturnType<typeof sender> }
  beforeAll(async () => {
    const database = await testDatabase()
    const app = createApp(testApiDeps(database, over))
    made = { database, app, send: sender(app) }
  })
  afterAll(() => made.database[Symbol.asyncDispose]())

  const send: ReturnType<typeof sender> = (...given) => made.send(...given)
  const enter = (role: Role, at?: Context) => signedIn(made.app, made.database.db, role, at)
  return {
    get db() {
      return made.database.db
    },
    get app() {
      return made.app
    },
    send,
    /** A person of that role, signed in. */
    enter,
    /** Asks with a key that may do all, of a tenant of its own. */
    someone: async () => {
      const { authorization } = await withKey(made.database.db)
      return (route: string, body?: unknown) => send(route, body, { authorization })
    },
    /** Asks as a person of that role. */
    as: async (role: Role) => {
      const { cookie } = await enter(role)
      return (route: string, body?: unknown) => send(route, body, { cookie })
    },
  }
}
