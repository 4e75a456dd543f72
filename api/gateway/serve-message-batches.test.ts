import { expect, test } from 'vitest'
import { useBatches } from '#test/harness/gateway-batches.ts'
import { json } from '#test/harness/upstream.ts'

const { claude, tenant, work } = await useBatches()

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
