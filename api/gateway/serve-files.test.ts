import { expect, test } from 'vitest'
import OpenAI, { toFile } from 'openai'
import { withTenant } from '#activities/database.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { create, line, upload, url, useBatches } from '#test/harness/gateway-batches.ts'

const { gateway, tenant } = await useBatches()

test('a file is kept as it was sent, listed, and deleted', async () => {
  const asker = await tenant(['gpt'])
  const { openai } = asker
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 13) % 251))
  const made = await openai.files.create({
    purpose: 'user_data',
    file: await toFile(bytes, 'große Liste.bin'),
    expires_after: { anchor: 'created_at', seconds: 3600 },
  })
  expect(made).toMatchObject({
    object: 'file',
    bytes: 3_000_000,
    filename: 'große Liste.bin',
    purpose: 'user_data',
    status: 'processed',
  })
  expect((made.expires_at ?? 0) - made.created_at).toBe(3600)
  expect(Buffer.from(await (await openai.files.content(made.id)).arrayBuffer()).equals(bytes)).toBe(true)
  const second = await upload(asker, [line(1)])
  const all = await openai.files.list()
  expect(all.data.map(({ id }) => id)).toEqual([second.id, made.id])
  expect((await openai.files.list({ order: 'asc', limit: 1 })).data).toEqual([made])
  const ids: string[] = []
  for await (const { id } of openai.files.list({ limit: 1 })) ids.push(id)
  expect(ids).toEqual([second.id, made.id])
  expect((await openai.files.list({ purpose: 'batch' })).data.map(({ id }) => id)).toEqual([second.id])
  expect(await openai.files.delete(made.id)).toEqual({ id: made.id, object: 'file', deleted: true })
  await expect(openai.files.retrieve(made.id)).rejects.toMatchObject({ status: 404 })
  await expect(openai.files.content(made.id)).rejects.toMatchObject({ status: 404 })
  const { rows } = await gateway.database.db.pools.system.query(
    'select sealed from auterity.gateway_file_part where file_id = $1',
    [second.id],
  )
  expect((rows as { sealed: Buffer }[]).some(({ sealed }) => sealed.includes('What is on lot'))).toBe(false)
})

test('what is another’s is not there: of another tenant, and of another key where a key is limited', async () => {
  const asker = await tenant(['gpt'])
  const made = await create(asker, [line(1)])
  const other = await tenant(['gpt'])
  const limited = await withTenant(gateway.database.db, asker.ctx, (tx) =>
    createVirtualKey(tx, asker.ctx, { name: 'Web', models: ['fast'], tags: {} }),
  )
  const web = new OpenAI({ apiKey: limited.key, baseURL: gateway.openai, maxRetries: 0 })
  const file = made.input_file_id
  for (const openai of [other.openai, web]) {
    for (const asking of [
      () => openai.files.retrieve(file),
      () => openai.files.content(file),
      () => openai.files.delete(file),
      () => openai.batches.retrieve(made.id),
      () => openai.batches.cancel(made.id),
    ])
      await expect(asking()).rejects.toMatchObject({ status: 404 })
    await expect(
      openai.batches.create({ input_file_id: file, endpoint: url, completion_window: '24h' }),
    ).rejects.toMatchObject({ status: 400 })
    expect([(await openai.files.list()).data, (await openai.batches.list()).data]).toEqual([[], []])
  }
  // a key that is not limited sees what its tenant has
  expect((await asker.openai.files.list()).data).toHaveLength(1)
  const own = await create({ openai: web }, [line(1)])
  expect((await asker.openai.batches.list()).data.map(({ id }) => id)).toEqual([own.id, made.id])
  const read = (id: string) =>
    fetch(`${gateway.anthropic}/v1/messages/batches/${id}/results`, { headers: { 'x-api-key': asker.secret } })
  expect((await read(made.id)).status).toBe(404)
})

test('files that cannot be are refused, and nothing of them is kept', async () => {
  const { openai, secret, ctx } = await tenant(['gpt'])
  const file = () => toFile(Buffer.from('x'), 'a')
  await expect(openai.files.create({ purpose: 'poems' as never, file: await file() })).rejects.toMatchObject({
    status: 400,
    param: 'purpose',
  })
  await expect(
    openai.files.create({ purpose: 'batch', file: await toFile(Buffer.from(''), 'a') }),
  ).rejects.toMatchObject({ status: 400, param: 'file' })
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'multipart/form-data; boundary=b' }
  const body = `--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(3_000_000)}`
  expect((await fetch(`${gateway.openai}/files`, { method: 'POST', headers, body })).status).toBe(400)
  expect((await fetch(`${gateway.openai}/files`, { method: 'PUT', headers, body })).status).toBe(405)
  const large = Buffer.alloc(102 * 1024 * 1024)
  const reply = await fetch(`${gateway.openai}/files`, { method: 'POST', headers, body: large })
  expect([reply.status, await reply.json()]).toMatchObject([
    413,
    { error: { message: 'A file may have 104857600 bytes, and this one has more.' } },
  ])
  const kept = await gateway.database.db.system
    .selectFrom('gateway_file')
    .select('id')
    .where('tenant_id', '=', ctx.tenant)
    .execute()
  expect(kept).toEqual([])
})
