import { afterAll, beforeAll, expect, test } from 'vitest'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { withKey } from '#test/harness/people.ts'
import { createApp } from './app.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const most = 256 * 1024
const textOf = (bytes: number) => `{"name":"${'a'.repeat(bytes - 11)}"}`
const bodies: [string, RequestInit][] = [
  ['that says its length', { body: textOf(most + 1), headers: { 'content-length': String(most + 1) } }],
  ['that does not', { body: new Blob([textOf(most + 1)]).stream(), duplex: 'half' }],
]

test.each(bodies)('a body over 256 KiB %s is refused as too large, one of that size is read', async (_, init) => {
  const { authorization } = await withKey(database.db)
  const app = createApp(testApiDeps(database))
  const send = (more: RequestInit) => {
    const headers = { authorization, 'content-type': 'application/json', ...(more.headers as Record<string, string>) }
    return app.request('/v1/keys', { method: 'POST', ...more, headers })
  }
  expect(await (await send(init)).json()).toMatchObject({ code: 'too_large', status: 413 })
  const largest = await send({ body: textOf(most) })
  expect(await largest.json()).toMatchObject({ code: 'invalid', status: 422 })
})

test('a body that is too large is read to its end all the same, unless it has none', async () => {
  const { authorization } = await withKey(database.db)
  const app = createApp(testApiDeps(database))
  const send = async (pieces: number) => {
    let left = pieces
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) controller.enqueue(new Uint8Array(65_536).fill(32))
        else controller.close()
      },
    })
    const headers = { authorization, 'content-type': 'application/json' }
    const reply = await app.request('/v1/keys', { method: 'POST', headers, body, duplex: 'half' })
    return [reply.status, left]
  }
  expect(await send(16)).toEqual([413, -1])
  const [status, left] = await send(10_000)
  expect([status, left! > 9_000]).toEqual([413, true])
})

test.each([
  ['a NUL', '{"name":"a\\u0000b","scopes":[]}', '/body/name', 'the NUL character'],
  ['half of a pair', '{"name":"x","scopes":["\\ud83d"]}', '/body/scopes/0', 'half of a surrogate pair'],
  ['a name of a field', '{"a\\u0000":1}', '/body', 'the NUL character'],
])('%s in a text is refused, with where it stands', async (_, body, path, what) => {
  const { authorization } = await withKey(database.db)
  const headers = { authorization, 'content-type': 'application/json' }
  const answer = await createApp(testApiDeps(database)).request('/v1/keys', { method: 'POST', body, headers })
  const message = `Text may not hold ${what}.`
  expect(await answer.json()).toMatchObject({ status: 400, detail: message, issues: [{ path, message }] })
})

test('a whole pair, and what only looks like an escape, are texts as others', async () => {
  const { authorization } = await withKey(database.db)
  const headers = { authorization, 'content-type': 'application/json' }
  const body = '{"name":"\\ud83d\\ude00 \\\\u0000","scopes":["runs:read"]}'
  const answer = await createApp(testApiDeps(database)).request('/v1/keys', { method: 'POST', body, headers })
  expect(await answer.json()).toMatchObject({ apiKey: { name: '😀 \\u0000' } })
})
