import OpenAI, { toFile } from 'openai'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { modelBatchActivities } from '#activities/gateway/batches.ts'
import { createVirtualKey, revokeVirtualKey } from '#activities/gateway/store-keys.ts'
import { createSeal } from '#activities/seal.ts'
import { testKey } from '#test/harness/database.ts'
import { useBothWires, type Asker } from '#test/harness/gateway.ts'
import { json, words } from '#test/harness/upstream.ts'

const { gateway, claude, gpt, tenant } = await useBothWires()

const { workModelBatch } = modelBatchActivities({
  db: gateway.database.db,
  seal: createSeal([testKey]),
  relay: gateway.relaying.relay,
})
/** Does what the workflow does, without its pauses. */
const work = async ({ ctx }: Pick<Asker, 'ctx'>, batch: string, turns = 20): Promise<void> => {
  const run = { batch, tenant: ctx.tenant }
  while (turns-- > 0 && (await workModelBatch(run)) !== null);
}

const url = '/v1/chat/completions'
const line = (id: number | string, body: object = {}) =>
  JSON.stringify({
    custom_id: `line-${id}`,
    method: 'POST',
    url,
    body: { model: 'fast', messages: [{ role: 'user', content: `What is on lot ${id}?` }], ...body },
  })
const upload = async ({ openai }: Pick<Asker, 'openai'>, lines: readonly string[]) =>
  openai.files.create({ purpose: 'batch', file: await toFile(Buffer.from(lines.join('\n')), 'lots.jsonl') })
const create = async (asker: Pick<Asker, 'openai'>, lines: readonly string[]) => {
  const { id } = await upload(asker, lines)
  return asker.openai.batches.create({
    input_file_id: id,
    endpoint: url,
    completion_window: '24h',
    metadata: { for: 'lots' },
  })
}
type Answered = { status_code: number; request_id: string; body: { choices: { message: { content: string } }[] } }
const linesOf = async ({ openai }: Pick<Asker, 'openai'>, file: string | undefined) =>
  (await (await openai.files.content(file ?? '')).text())
    .trim()
    .split('\n')
    .map(
      (text) =>
        JSON.parse(text) as {
          id: string
          custom_id: string
          response: Answered | null
          error: { code: string } | null
        },
    )

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

test('a batch is worked through, and what it came to is in the files of OpenAI’s shape', async () => {
  const asker = await tenant(['gpt'])
  const made = await create(asker, [line(1), line(2, { messages: 'none' }), '', line(3)])
  expect(made).toMatchObject({
    object: 'batch',
    endpoint: url,
    status: 'validating',
    completion_window: '24h',
    metadata: { for: 'lots' },
  })
  gpt.next(
    json(200, {
      choices: [],
      usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
      service_tier: 'flex',
    }),
    json(400, {
      error: { message: 'messages is no list', type: 'invalid_request_error', param: 'messages', code: null },
    }),
  )
  await work(asker, made.id)
  const batch = await asker.openai.batches.retrieve(made.id)
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 3, completed: 2, failed: 1 } })
  for (const at of [batch.in_progress_at, batch.finalizing_at, batch.completed_at])
    expect(at).toBeGreaterThanOrEqual(batch.created_at)
  const good = await linesOf(asker, batch.output_file_id)
  const bad = await linesOf(asker, batch.error_file_id)
  const all = [...good, ...bad].toSorted((a, b) => a.custom_id.localeCompare(b.custom_id))
  expect(all.map(({ custom_id }) => custom_id)).toEqual(['line-1', 'line-2', 'line-3'])
  expect(new Set(all.map(({ id }) => id)).size).toBe(3)
  expect(good).toHaveLength(2)
  expect(good.some(({ response }) => response?.body.choices[0]?.message.content === words.join(''))).toBe(true)
  expect(bad).toMatchObject([
    { response: { status_code: 400, body: { error: { message: 'messages is no list' } } }, error: null },
  ])
  expect(all.every(({ response }) => response?.request_id.startsWith('mrq_'))).toBe(true)
  const file = await asker.openai.files.retrieve(batch.output_file_id ?? '')
  expect(file).toMatchObject({ purpose: 'batch_output', filename: `${made.id}_output.jsonl` })
  expect(file.bytes).toBe(Buffer.byteLength(await (await asker.openai.files.content(file.id)).text()))
  expect((await asker.openai.batches.list()).data.map(({ id }) => id)).toEqual([made.id])
  // in the tier that may wait, at half the price where it was answered in that
  expect(gpt.asked.map(({ body }) => body['service_tier'])).toEqual(['flex', 'flex', 'flex'])
  const rows = await gateway.written(asker.ctx)
  expect(rows.every(({ batch_id: of, key_id: key }) => of === made.id && key === asker.key)).toBe(true)
  // 1,000 × $0.25 and 100 × $2, a million each; of the other, 500 are from the cache
  expect(rows.map(({ cost_nano: nano }) => Number(nano)).toSorted((a, b) => a - b)).toEqual([0, 225_000, 337_500])
})

test('a batch that is worked through by a provider without such a tier asks for none, and other words stay', async () => {
  const asker = await tenant(['local'])
  const made = await create(asker, [line(1), line(2, { service_tier: 'default' })])
  await work(asker, made.id)
  expect(new Set(gpt.asked.map(({ body }) => body['service_tier']))).toEqual(new Set(['default', undefined]))
})

test.each([
  ['{"custom_id":"a"', 'invalid_json_line', 'This line is not JSON.'],
  ['7', 'invalid_json_line', 'This line is not a JSON object.'],
  ['{}', 'missing_required_parameter', 'Each line has a custom_id of 1 to 512 characters.'],
  [line(1).replace('POST', 'GET'), 'invalid_method', 'The method of a line is POST.'],
  [line(1).replace(url, '/v1/responses'), 'mismatched_url', `The url of each line is that of the batch, ${url}.`],
  [line(0), 'duplicate_custom_id', 'The custom_id “line-0” stands in an earlier line already.'],
  [line(1, { model: 7 }), 'invalid_request', 'Each body says which model it asks.'],
  [line(1, { stream: true }), 'invalid_request', 'What waits in a batch is not streamed.'],
])('a batch with the line %s fails before anybody is asked', async (text, code, message) => {
  const asker = await tenant(['gpt'])
  const made = await create(asker, [line(0), text])
  await work(asker, made.id)
  const { status, errors, output_file_id: output } = await asker.openai.batches.retrieve(made.id)
  expect({ status, data: errors?.data, output }).toMatchObject({
    status: 'failed',
    data: [{ line: 2, code, message }],
    output: null,
  })
  expect(gpt.asked).toEqual([])
})

test('what passes is tried again, and what does not, not', async () => {
  const asker = await tenant(['gpt'])
  const made = await create(asker, [line(1)])
  gpt.next(
    json(429, { error: { message: 'Resource unavailable.', code: 'resource_unavailable' } }, { 'retry-after': '0' }),
  )
  await work(asker, made.id, 2)
  expect(await asker.openai.batches.retrieve(made.id)).toMatchObject({
    status: 'in_progress',
    request_counts: { total: 1, completed: 0, failed: 0 },
  })
  await gateway.database.db.system
    .updateTable('gateway_batch_line')
    .set({ next_at: new Date(0) })
    .where('batch_id', '=', made.id)
    .execute()
  await work(asker, made.id)
  expect(await asker.openai.batches.retrieve(made.id)).toMatchObject({
    status: 'completed',
    request_counts: { completed: 1 },
  })
  const keys = gpt.asked.map(({ headers }) => headers['idempotency-key'])
  expect(keys).toHaveLength(2)
  expect(new Set(keys).size).toBe(1)
})

test('two workers that are at one batch at once: each line is written once, and counted once', async () => {
  const asker = await tenant(['gpt'])
  const made = await create(asker, [line(1), line(2), line(3)])
  await work(asker, made.id, 1)
  await Promise.all([work(asker, made.id), work(asker, made.id)])
  const batch = await asker.openai.batches.retrieve(made.id)
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 3, completed: 3, failed: 0 } })
  expect(await linesOf(asker, batch.output_file_id)).toHaveLength(3)
  expect(new Set(gpt.asked.map(({ headers }) => headers['idempotency-key'])).size).toBe(3)
})

test('a cancelled batch asks nothing more, keeps what it has, and says so of the rest', async () => {
  const asker = await tenant(['gpt'])
  const made = await create(asker, [line(1), line(2)])
  gpt.next(json(503, { error: { message: 'Overloaded.' } }), json(503, { error: { message: 'Overloaded.' } }))
  await work(asker, made.id, 2)
  await gateway.database.db.system
    .updateTable('gateway_batch_line')
    .set({ next_at: new Date(0) })
    .where('batch_id', '=', made.id)
    .where('n', '=', 0)
    .execute()
  await work(asker, made.id, 1)
  expect(await asker.openai.batches.cancel(made.id)).toMatchObject({ status: 'cancelling' })
  await asker.openai.batches.cancel(made.id)
  await work(asker, made.id)
  const batch = await asker.openai.batches.retrieve(made.id)
  expect(batch).toMatchObject({ status: 'cancelled', request_counts: { total: 2, completed: 1, failed: 1 } })
  expect(await linesOf(asker, batch.output_file_id)).toHaveLength(1)
  expect(await linesOf(asker, batch.error_file_id)).toMatchObject([
    { custom_id: 'line-2', response: null, error: { code: 'batch_cancelled' } },
  ])
  await expect(asker.openai.batches.cancel(made.id)).rejects.toMatchObject({ status: 409 })
  const { bytes } = await asker.openai.files.retrieve(batch.error_file_id ?? '')
  expect(bytes).toBe((await (await asker.openai.files.content(batch.error_file_id ?? '')).text()).length)
})

test('a batch that takes too long expires, with what it has', async () => {
  const asker = await tenant(['gpt'])
  const made = await create(asker, [line(1)])
  await work(asker, made.id, 1)
  await gateway.database.db.system
    .updateTable('gateway_batch')
    .set({ expires_at: new Date(0) })
    .where('id', '=', made.id)
    .execute()
  await work(asker, made.id)
  const batch = await asker.openai.batches.retrieve(made.id)
  expect(batch).toMatchObject({ status: 'expired', request_counts: { completed: 0, failed: 1 } })
  expect(await linesOf(asker, batch.error_file_id)).toMatchObject([{ error: { code: 'batch_expired' } }])
  expect(gpt.asked).toEqual([])
})

test('Anthropic’s client has its batches, whoever answers', async () => {
  const asker = await tenant(['claude'])
  const { anthropic } = asker
  const params = {
    model: 'fast',
    max_tokens: 100,
    messages: [{ role: 'user' as const, content: 'What is on the lot?' }],
  }
  const made = await anthropic.messages.batches.create({
    requests: [
      { custom_id: 'a', params },
      { custom_id: 'b', params },
    ],
  })
  expect(made).toMatchObject({
    type: 'message_batch',
    processing_status: 'in_progress',
    results_url: null,
    request_counts: { processing: 2, succeeded: 0 },
  })
  await expect(anthropic.messages.batches.results(made.id)).rejects.toThrow()
  claude.next(json(400, { type: 'error', error: { type: 'invalid_request_error', message: 'Too much.' } }))
  await work(asker, made.id)
  const batch = await anthropic.messages.batches.retrieve(made.id)
  expect(batch).toMatchObject({
    processing_status: 'ended',
    request_counts: { processing: 0, succeeded: 1, errored: 1, canceled: 0, expired: 0 },
  })
  const results = []
  for await (const one of await anthropic.messages.batches.results(made.id)) results.push(one)
  expect(results.map(({ custom_id: id }) => id)).toEqual(['a', 'b'])
  expect(results.map(({ result }) => result.type).toSorted()).toEqual(['errored', 'succeeded'])
  for (const { result } of results) {
    if (result.type === 'succeeded')
      expect(result.message.content).toContainEqual(expect.objectContaining({ type: 'text', text: 'A cat.' }))
    if (result.type === 'errored') expect(result.error.error.message).toBe('Too much.')
  }
  expect(claude.asked[0]?.headers['anthropic-version']).toMatch(/^20/)
  expect((await anthropic.messages.batches.list()).data.map(({ id }) => id)).toEqual([made.id])
  // none of the other wire's
  expect((await asker.openai.batches.list()).data).toEqual([])
  expect(await anthropic.messages.batches.delete(made.id)).toEqual({ id: made.id, type: 'message_batch_deleted' })
  await expect(anthropic.messages.batches.retrieve(made.id)).rejects.toMatchObject({ status: 404 })
})

test('a batch of Anthropic’s is cancelled, and not deleted before it has ended', async () => {
  const asker = await tenant(['claude'])
  const { batches } = asker.anthropic.messages
  const params = { model: 'fast', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] }
  const { id } = await batches.create({ requests: [{ custom_id: 'a', params }] })
  await expect(batches.delete(id)).rejects.toMatchObject({ status: 400 })
  expect(await batches.cancel(id)).toMatchObject({ processing_status: 'canceling' })
  await work(asker, id)
  expect(await batches.retrieve(id)).toMatchObject({ processing_status: 'ended', request_counts: { canceled: 1 } })
  for await (const one of await batches.results(id))
    expect(one).toEqual({ custom_id: 'a', result: { type: 'canceled' } })
})

test.each([
  [[], 'requests is a list of one or more.'],
  [
    [{ custom_id: 'a b', params: { model: 'fast' } }],
    'requests.0.custom_id is made of 1 to 64 letters, digits, _ and -.',
  ],
  [[{ custom_id: 'a', params: {} }], 'requests.0.params.model: Each body says which model it asks.'],
  [
    [
      { custom_id: 'a', params: { model: 'fast' } },
      { custom_id: 'a', params: { model: 'fast' } },
    ],
    'requests.1.custom_id stands in an earlier one already.',
  ],
])('a batch of Anthropic’s of %j is refused', async (requests, message) => {
  const { anthropic } = await tenant(['claude'])
  const refused = await anthropic.messages.batches
    .create({ requests: requests as never })
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({ status: 400, error: { error: { message } } })
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

test('a batch whose key is revoked asks nobody, and says why', async () => {
  const asker = await tenant(['gpt'])
  const made = await create(asker, [line(1)])
  const { openai } = await tenant(['gpt'])
  await withTenant(gateway.database.db, asker.ctx, (tx) => revokeVirtualKey(tx, asker.ctx, asker.key))
  await work(asker, made.id)
  expect(gpt.asked).toEqual([])
  const { rows } = await gateway.database.db.pools.system.query(
    'select state, errored from auterity.gateway_batch where id = $1',
    [made.id],
  )
  expect(rows).toEqual([{ state: 'completed', errored: 1 }])
  void openai
})

test.each([
  [{ endpoint: '/v1/poems' }, 'endpoint'],
  [{ completion_window: '1h' }, 'completion_window'],
  [{ input_file_id: 'file_none' }, 'input_file_id'],
  [{ metadata: { a: 7 } }, 'metadata'],
])('a batch with %j is refused', async (wrong, param) => {
  const asker = await tenant(['gpt'])
  const { id } = await upload(asker, [line(1)])
  const asked = { input_file_id: id, endpoint: url, completion_window: '24h', ...wrong }
  await expect(asker.openai.batches.create(asked as never)).rejects.toMatchObject({ status: 400, param })
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
