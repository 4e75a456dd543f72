import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem } from '#activities/database.ts'
import { loadSource } from '#activities/ingress/store-sources.ts'
import { createSeal } from '#activities/seal.ts'
import { createApp } from '#api/app.ts'
import { scopes } from '#schemas/access.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, testKey, type TestDatabase } from '#test/harness/database.ts'
import { sender } from '#test/harness/send.ts'
import type { Demo } from './demo.ts'

let database: TestDatabase
let home: string
let send: ReturnType<typeof sender>
beforeAll(async () => {
  database = await testDatabase()
  home = await mkdtemp(join(tmpdir(), 'auterity-demo-'))
  send = sender(createApp(testApiDeps(database)))
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await rm(home, { recursive: true })
})

const start = async (env: Record<string, string> = {}): Promise<Demo> => {
  const { stdout } = await promisify(execFile)(process.execPath, ['deploy/demo.ts'], {
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      AUTERITY_KEY: testKey,
      AUTERITY_URL: 'http://localhost:4700',
      AUTERITY_HOME: home,
      ...env,
    },
  })
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout)
}
const livingSecrets = async () => {
  const found = await withSystem(database.db, (tx) =>
    loadSource(tx, createSeal([testKey]), 'northstar-motors', 'website'),
  )
  return found!.secrets.map((one) => one.text)
}
const people = async ({ apiKey }: Demo) =>
  (await send('GET /v1/people', undefined, { authorization: `Bearer ${apiKey}` })).body.items.map(
    (one: { name: string; role: string }) => `${one.name}, ${one.role}`,
  )

test('without the demo a fresh installation points at its set-up page', async () => {
  expect(await start({ AUTERITY_DEMO: '0' })).toEqual({ setup: 'http://localhost:4700/setup' })
})

test('two starts at once make one demo tenant; what they print works, and each start gives a fresh link', async () => {
  const [demo, same] = await Promise.all([start(), start()])
  expect(same).toEqual({ ...demo, signIn: same.signIn })
  expect(await people(demo)).toEqual([
    'Dana Whitfield, owner',
    'Marcus Bell, admin',
    'Priya Raman, operator',
    'Tom Okafor, analyst',
    'Elena Costa, viewer',
  ])
  for (const { signIn } of [demo, same, await start()]) {
    const [page, token] = signIn.split('#')
    expect(page).toBe('http://localhost:4700/link')
    const me = await send('POST /v1/session/link', { token })
    expect(me.body).toMatchObject({ user: { email: 'dana@northstar-motors.example' }, role: 'owner', scopes })
  }
  expect(demo.hook.url).toBe('http://localhost:4700/hooks/northstar-motors/website')
  expect(await livingSecrets()).toEqual([demo.hook.secret])
  const file = join(home, 'demo.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    apiKey: demo.apiKey,
    colleagueKey: demo.colleague.key,
    secret: demo.hook.secret,
  })
  expect(await start({ AUTERITY_DEMO: '0' })).toEqual({ note: expect.stringContaining('nobody here has a password') })
  const [, link] = (await start()).signIn.split('#')
  const { headers } = await send('POST /v1/session/link', { token: link })
  const dana = { cookie: headers.get('set-cookie')!.split(';')[0]! }
  expect((await send('PUT /v1/me/password', { password: 'as long as it takes' }, dana)).status).toBeLessThan(300)
  const note = 'no demo: what is here stays, and no demo leads come; sign in at http://localhost:4700/sign-in'
  expect(await start({ AUTERITY_DEMO: '0' })).toEqual({ note })
})

test('the demo colleague may decide, is told by name, and may do nothing else', async () => {
  const { colleague } = await start()
  expect(colleague.name).toBe('Riley (demo colleague)')
  const me = await send('GET /v1/me', undefined, { authorization: `Bearer ${colleague.key}` })
  expect(me.body).toMatchObject({ user: null, scopes: ['approvals:read', 'approvals:decide'] })
  expect((await send('GET /v1/people', undefined, { authorization: `Bearer ${colleague.key}` })).status).toBe(403)
})

test.each(['lost', 'torn', 'of another database'])(
  'a demo file that is %s is made anew with a key and secret that work',
  async (how) => {
    const before = await start()
    const file = join(home, 'demo.json')
    if (how === 'lost') await rm(file)
    else await writeFile(file, how === 'torn' ? '{"apiKey": "aut' : '{"apiKey": "aut_x", "secret": "whsec_x"}')
    const after = await start()
    expect(after.apiKey).not.toBe(before.apiKey)
    expect(after.colleague.key).not.toBe(before.colleague.key)
    expect(await livingSecrets()).toEqual([after.hook.secret])
    expect(await people(after)).toHaveLength(5)
    expect(await start()).toEqual({ ...after, signIn: expect.any(String) })
  },
)
