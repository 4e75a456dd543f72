import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { createApiKey, findApiKey } from '#activities/access/store.ts'
import { connectDatabase, withSystem, type Databases, type Tx } from '#activities/database.ts'
import { anyPassword, lockSetup, setupContext } from '#activities/identity/store-setup.ts'
import { addMember, createSignInLink, createUser, findMemberByEmail } from '#activities/identity/store.ts'
import { addSource, listSources, loadSource, rotateSecret } from '#activities/ingress/store-sources.ts'
import { createSeal, type Seal } from '#activities/seal.ts'
import { anyTenant, createTenant, findTenantBySlug, installLeadResponse } from '#activities/tenancy/store.ts'
import { generateSecret } from '#api/ingress/signature.ts'
import { scopes, type Role, type Scope } from '#schemas/access.ts'
import type { Context } from '#schemas/tenancy.ts'
import { keyRing, platformEnv, readEnv } from '#schemas/config.ts'
import { readDemoFile, writeDemoFile } from './demo-file.ts'

const slug = 'northstar-motors'
const source = 'website'
const owner = { name: 'Dana Whitfield', email: 'dana@northstar-motors.example', role: 'owner' as Role }
const team: (typeof owner)[] = [
  { name: 'Marcus Bell', email: 'marcus@northstar-motors.example', role: 'admin' },
  { name: 'Priya Raman', email: 'priya@northstar-motors.example', role: 'operator' },
  { name: 'Tom Okafor', email: 'tom@northstar-motors.example', role: 'analyst' },
  { name: 'Elena Costa', email: 'elena@northstar-motors.example', role: 'viewer' },
]
/** Not a person: a part of the demo that decides on older replies, by a key that may do no more than that. */
const colleague = { name: 'Riley (demo colleague)', scopes: ['approvals:read', 'approvals:decide'] as Scope[] }

export type DemoOptions = { db: Databases; seal: Seal; home: string; url: string }
export type Demo = {
  tenant: string
  apiKey: string
  signIn: string
  hook: { url: string; secret: string }
  colleague: { name: string; key: string }
}

/**
 * Makes sure of the demo tenant, its people, its webhook source and its API key, and makes a fresh sign-in link for
 * the owner. Starts at the same time wait for each other; what the file in `home` remembers is made anew only where
 * this database does not know it.
 */
export const ensureDemo = ({ db, seal, home, url }: DemoOptions): Promise<Demo> =>
  withSystem(db, async (tx) => {
    await lockSetup(tx)
    const ctx = await ensureTenant(tx)
    const known = readDemoFile(home)
    const secrets = {
      apiKey: await ensureKey(tx, ctx, { name: 'Demo', scopes }, known?.apiKey),
      colleagueKey: await ensureKey(tx, ctx, colleague, known?.colleagueKey),
      secret: await ensureSecret(tx, ctx, seal, known?.secret),
    }
    if (!isDeepStrictEqual(secrets, known)) writeDemoFile(home, secrets)
    const token = await createSignInLink(tx, ctx, await ensurePerson(tx, ctx, owner))
    return {
      tenant: slug,
      apiKey: secrets.apiKey,
      signIn: `${url}/link#${token}`,
      hook: { url: `${url}/hooks/${slug}/${source}`, secret: secrets.secret },
      colleague: { name: colleague.name, key: secrets.colleagueKey },
    }
  })

/** The team joins a new tenant only: whom its owner removes stays removed. */
const ensureTenant = async (tx: Tx): Promise<Context> => {
  const found = await findTenantBySlug(tx, slug)
  if (found !== null) {
    const known = setupContext(found.id)
    await installLeadResponse(tx, known)
    return known
  }
  const ctx = setupContext(await createTenant(tx, { slug, name: 'Northstar Motors' }))
  for (const person of [owner, ...team]) await ensurePerson(tx, ctx, person)
  return ctx
}

const ensurePerson = async (tx: Tx, ctx: Context, { name, email, role }: typeof owner): Promise<string> => {
  const member = await findMemberByEmail(tx, email, slug)
  if (member !== null) return member.user
  const user = await createUser(tx, { email })
  await addMember(tx, ctx, { user, name, role })
  return user
}

type NewKey = { name: string; scopes: readonly Scope[] }

const ensureKey = async (tx: Tx, ctx: Context, wanted: NewKey, known: string | undefined): Promise<string> => {
  const holder = known === undefined ? null : await findApiKey(tx, known)
  if (known !== undefined && holder?.ctx.tenant === ctx.tenant) return known
  return (await createApiKey(tx, ctx, wanted)).key
}

const ensureSecret = async (tx: Tx, ctx: Context, seal: Seal, known: string | undefined): Promise<string> => {
  const living = await loadSource(tx, seal, slug, source)
  if (known !== undefined && living?.secrets.some((one) => one.text === known)) return known
  const secret = { kind: 'hmac' as const, text: generateSecret() }
  const { items } = await listSources(tx, ctx, () => '', { limit: 200 })
  const there = items.find((one) => one.name === source)
  if (there === undefined) await addSource(tx, ctx, seal, source, secret)
  // nobody is known to hold the old one any more
  else await rotateSecret(tx, ctx, seal, there.id, secret, new Date())
  return secret.text
}

/** Where to go without the demo; `note` is for who starts on data that is there already. */
const withoutDemo = async (tx: Tx, url: string): Promise<{ setup?: string; note?: string }> => {
  if (!(await anyTenant(tx))) return { setup: `${url}/setup` }
  const note = (await anyPassword(tx))
    ? `no demo: what is here stays, and no demo leads come; sign in at ${url}/sign-in`
    : 'no demo, and nobody here has a password: start once with the demo for a link to sign in, and set a password in ' +
      'Settings; or begin empty, in another AUTERITY_HOME'
  return { note }
}

const demoEnv = platformEnv.pick({ DATABASE_URL: true, AUTERITY_KEY: true, AUTERITY_OLD_KEYS: true }).extend({
  AUTERITY_URL: z.url(),
  AUTERITY_DEMO: z.enum(['0', '1']).default('1'),
  AUTERITY_HOME: z.string().default('.auterity'),
})

if (import.meta.main) {
  const env = readEnv(demoEnv, process.env)
  const url = env.AUTERITY_URL.replace(/\/+$/, '')
  const db = connectDatabase({ databaseUrl: env.DATABASE_URL, key: env.AUTERITY_KEY, name: 'demo', max: 2 })
  try {
    const line =
      env.AUTERITY_DEMO === '1'
        ? await ensureDemo({ db, seal: createSeal(keyRing(env)), home: env.AUTERITY_HOME, url })
        : await withSystem(db, (tx) => withoutDemo(tx, url))
    process.stdout.write(`${JSON.stringify(line)}\n`)
  } finally {
    await db.close()
  }
}
