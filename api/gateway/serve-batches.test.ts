import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { revokeVirtualKey } from '#activities/gateway/store-keys.ts'
import { create, line, linesOf, upload, url, useBatches } from '#test/harness/gateway-batches.ts'
import { until } from '#test/harness/until.ts'
import { json, well, words, type Behaviour } from '#test/harness/upstream.ts'

const { gateway, gpt, tenant, work } = await useBatches()

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

test('some lines are asked at once, and while others of the tenant ask, one', async () => {
  const asker = await tenant(['gpt'])
  const made = await create(
    asker,
    Array.from({ length: 30 }, (_, n) => line(n)),
  )
  const held: (() => void)[] = []
  const holds: Behaviour = (response, asked) => void held.push(() => well(response, asked))
  gpt.next(...Array.from({ length: 30 }, () => holds))
  await work(asker, made.id, 1)
  const working = work(asker, made.id)
  await until('eight are asked', () => Promise.resolve(held.length === 8))
  const claimed = () =>
    gateway.database.db.system
      .selectFrom('gateway_batch_line')
      .select('n')
      .where('batch_id', '=', made.id)
      .where('claim', 'is not', null)
      .execute()
  expect((await claimed()).map(({ n }) => n).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  let most = 0
  while (gpt.asked.length < 30 || held.length > 0) {
    most = Math.max(most, held.length)
    held.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await working
  expect(most).toBe(8)
  expect(await asker.openai.batches.retrieve(made.id)).toMatchObject({ request_counts: { total: 30, completed: 30 } })

  const busy = await create(asker, [line(1), line(2), line(3)])
  await asker.openai.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content: 'Hello' }] })
  await gateway.relaying.flush()
  gpt.beginAnew()
  gpt.next(holds, holds, holds)
  await work(asker, busy.id, 1)
  const alone = work(asker, busy.id)
  for (let n = 1; n <= 3; n++) {
    await until('the next is asked', () => Promise.resolve(held.length === 1 && gpt.asked.length === n))
    held.shift()?.()
  }
  await alone
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
