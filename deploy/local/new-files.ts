/** The words that a capability is called by in code. */
export type Names = { slug: string; title: string; migration: string }

export const namesOf = (slug: string, landed: readonly string[]): Names => ({
  slug,
  title: slug.charAt(0).toUpperCase() + slug.slice(1),
  migration: `${String(landed.length + 1).padStart(4, '0')}_${slug}_table`,
})

/** The first files of a capability, by path: a named thing of a tenant that can be added and listed. */
export const newFiles = ({ slug, title, migration }: Names): Record<string, string> => ({
  [`schemas/${slug}.ts`]: `import { z } from 'zod'
import { eventType } from './audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from './http.ts'
import { id } from './ids.ts'

export const ${slug}Entry = z.object({ id: id('${slug}'), name: z.string(), createdAt: timestamp })
export type ${title}Entry = z.infer<typeof ${slug}Entry>

export const ${slug}Routes = {
  'GET /v1/${slug}': { summary: 'List ${slug}, newest first', scope: 'member', query: pageQuery, reply: pageOf(${slug}Entry) },
  'POST /v1/${slug}': {
    summary: 'Add to ${slug}',
    scope: 'member',
    body: z.object({ name: z.string().trim().min(1).max(120) }),
    reply: ${slug}Entry,
    status: 201,
    creates: true,
  },
} as const satisfies Record<string, Route>

export const ${slug}Added = eventType('${slug}_added', 1, z.object({ name: z.string() }))
`,
  [`schemas/tables/${slug}.ts`]: `import type { Generated } from 'kysely'

export type ${title}Table = { id: string; tenant_id: string; name: string; created_at: Generated<Date> }

export type ${title}Tables = { ${slug}: ${title}Table }
`,
  [`schemas/migrations/${migration}.ts`]: `import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql\`
    create table ${slug} (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      name text not null,
      created_at timestamptz not null default now()
    )\`.execute(db)
  // the list, newest first (ids sort by time)
  await sql\`create index ${slug}_newest on ${slug} (tenant_id, id desc)\`.execute(db)
  await protect(db, '${slug}', { app: ['select', 'insert'] })
}
`,
  [`activities/${slug}/store.ts`]: `import { append } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { newId } from '#schemas/ids.ts'
import { ${slug}Added, type ${title}Entry } from '#schemas/${slug}.ts'
import type { Context } from '#schemas/tenancy.ts'

export async function add(tx: Tx, ctx: Context, { name }: { name: string }): Promise<${title}Entry> {
  const row = await tx
    .insertInto('${slug}')
    .values({ id: newId('${slug}'), tenant_id: ctx.tenant, name })
    .returningAll()
    .executeTakeFirstOrThrow()
  await append(tx, ctx, [${slug}Added(row.id, { name })])
  return { id: row.id, name: row.name, createdAt: row.created_at.toISOString() }
}

/** A page, newest first; \`cursor\` is the \`next\` of the page before. */
export async function list(
  tx: Tx,
  ctx: Context,
  { cursor, limit }: PageAsked,
): Promise<Page<${title}Entry>> {
  let query = tx.selectFrom('${slug}').selectAll().where('tenant_id', '=', ctx.tenant)
  if (cursor !== undefined) query = query.where('id', '<', cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), limit, (row) => row.id)
  return { items: rows.map(({ id, name, created_at }) => ({ id, name, createdAt: created_at.toISOString() })), next }
}
`,
  [`activities/${slug}/index.ts`]: `import { workflowContext } from '#activities/context.ts'
import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { RunScope } from '#schemas/runs.ts'
import type { ${title}Entry } from '#schemas/${slug}.ts'
import { add } from './store.ts'

export const ${slug}Activities = ({ db }: Pick<Deps, 'db'>) => ({
  addTo${title}: (input: RunScope & { name: string }): Promise<${title}Entry> =>
    withTenant(db, input, (tx) => add(tx, workflowContext(input), input)),
})
`,
  [`activities/${slug}/store.test.ts`]: `import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { testDatabase, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { add, list } from './store.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

test('what was added is listed, newest first, page by page', async () => {
  const { db } = database
  const ctx = await testTenant(db)
  const first = await withTenant(db, ctx, (tx) => add(tx, ctx, { name: 'first' }))
  const second = await withTenant(db, ctx, (tx) => add(tx, ctx, { name: 'second' }))
  const page = await withTenant(db, ctx, (tx) => list(tx, ctx, { limit: 1 }))
  expect(page).toEqual({ items: [second], next: second.id })
  const rest = await withTenant(db, ctx, (tx) => list(tx, ctx, { limit: 1, cursor: second.id }))
  expect(rest).toEqual({ items: [first], next: null })
})

test('another tenant sees nothing of it', async () => {
  const { db } = database
  const ours = await testTenant(db)
  const theirs = await testTenant(db)
  await withTenant(db, ours, (tx) => add(tx, ours, { name: 'ours' }))
  expect(await withTenant(db, theirs, (tx) => list(tx, theirs, { limit: 10 }))).toEqual({ items: [], next: null })
})
`,
  [`api/${slug}.ts`]: `import { withTenant } from '#activities/database.ts'
import { add, list } from '#activities/${slug}/store.ts'
import type { ${slug}Routes } from '#schemas/${slug}.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'

export const ${slug}Handlers = ({ db }: ApiDeps): Handlers<typeof ${slug}Routes> => ({
  'GET /v1/${slug}': ({ ctx, query }) => withTenant(db, ctx, (tx) => list(tx, ctx, query)),
  'POST /v1/${slug}': ({ ctx, body }) => withTenant(db, ctx, (tx) => add(tx, ctx, body)),
})
`,
})
