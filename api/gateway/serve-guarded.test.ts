import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { changeGuardrail } from '#activities/gateway/store-guardrails.ts'
import { useBothWires, type Asker } from '#test/harness/gateway.ts'
import { guard, lastOf, saying } from '#test/harness/guarded.ts'
import { until } from '#test/harness/until.ts'

const { gateway, gpt, claude, tenant } = await useBothWires()

const mail = 'bob.lee@example.com'
const placeholder = /EMAIL-[0-9A-Z]{8}/
const ask = ({ openai }: Asker, content: string, more: object = {}) =>
  openai.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content }], ...more, stream: false })
const stream = async ({ openai }: Asker, content: string, more: object = {}) => {
  const chunks = []
  for await (const chunk of await openai.chat.completions.create({
    model: 'fast',
    messages: [{ role: 'user', content }],
    ...more,
    stream: true,
  }))
    chunks.push(chunk)
  return chunks
}
const textOf = (chunks: Awaited<ReturnType<typeof stream>>) =>
  chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
const masking = async (names: Parameters<typeof tenant>[0] = ['gpt']) => {
  const asker = await tenant(names)
  await guard(gateway, asker.ctx, 'pii', 'mask')
  return asker
}

test('the model sees a placeholder, the caller the value again, and only kinds and counts are written down', async () => {
  const asker = await masking()
  gpt.next(saying((asked) => ({ text: `I wrote to ${lastOf(asked).split(' ').at(-1)}.` })))
  const { data, response } = await ask(asker, `Write to ${mail}`).withResponse()
  expect(data.choices[0]?.message.content).toBe(`I wrote to ${mail}.`)
  expect(response.headers.get('x-auterity-guardrails')).toBe('pii=masked')
  expect(gpt.asked[0]?.text).not.toContain('bob')
  expect(lastOf(gpt.asked[0]!)).toMatch(/^Write to EMAIL-[0-9A-Z]{8}$/)
  const [row] = await gateway.written(asker.ctx)
  expect(row?.guarded).toEqual([
    expect.objectContaining({
      name: 'pii',
      kind: 'pii',
      act: 'mask',
      did: 'masked',
      input: { email: 1 },
      output: {},
      why: [],
    }),
  ])
  expect(JSON.stringify(row)).not.toContain('bob')
})

test('the same value goes by the same name in all turns and requests of a tenant, and by another at another', async () => {
  const [asker, other] = [await masking(), await masking()]
  for (const one of [asker, asker, other]) await ask(one, `${mail} or ${mail} or eve@example.com`)
  const [first, second, third] = gpt.asked.map(lastOf)
  expect(first).toBe(second)
  expect(first).not.toBe(third)
  const [bob, again, eve] = first!.split(' or ')
  expect(bob).toBe(again)
  expect(bob).not.toBe(eve)
})

test('in a stream placeholders are put back however they are cut, and usage and finish stay as they were', async () => {
  const asker = await masking()
  for (const pieces of [1, 2, 5, 13, 100]) {
    gpt.next(saying((asked) => ({ text: `To ${lastOf(asked)}, and ${lastOf(asked)}` }), pieces))
    const chunks = await stream(asker, mail, { stream_options: { include_usage: true } })
    expect(textOf(chunks)).toBe(`To ${mail}, and ${mail}`)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 15 } })
    expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason === 'stop')).toHaveLength(1)
  }
  expect(await gateway.written(asker.ctx)).toMatchObject(
    Array.from({ length: 5 }, () => ({ outcome: 'ok', input_tokens: 10, output_tokens: 5, estimated: false })),
  )
})

test.each([false, true])(
  'arguments of calls and refusals are put back too, as JSON where they are (streamed: %s)',
  async (streamed) => {
    const asker = await tenant(['gpt'])
    await guard(gateway, asker.ctx, 'pii', 'mask', { kinds: [], names: ['Ann "Bo" Lee'] })
    gpt.next(
      saying(
        (asked) => ({
          args: JSON.stringify({ to: lastOf(asked), n: 1 }),
          refusal: `Not to ${lastOf(asked)}`,
          thought: lastOf(asked),
        }),
        4,
      ),
    )
    const answer = streamed
      ? (await stream(asker, 'Ann "Bo" Lee')).reduce(
          (sum, { choices: [choice] }) => ({
            args: sum.args + (choice?.delta.tool_calls?.[0]?.function?.arguments ?? ''),
            refusal: sum.refusal + (choice?.delta.refusal ?? ''),
            thought:
              sum.thought + ((choice?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? ''),
          }),
          { args: '', refusal: '', thought: '' },
        )
      : await ask(asker, 'Ann "Bo" Lee').then(({ choices: [choice] }) => {
          const {
            tool_calls: calls,
            refusal,
            reasoning_content: thought,
          } = choice!.message as NonNullable<typeof choice>['message'] & { reasoning_content: string }
          return { args: (calls![0] as { function: { arguments: string } }).function.arguments, refusal, thought }
        })
    expect(JSON.parse(answer.args)).toEqual({ to: 'Ann "Bo" Lee', n: 1 })
    expect(answer.refusal).toBe('Not to Ann "Bo" Lee')
    // thoughts are as the model wrote them: their providers sign them
    expect(answer.thought).toMatch(/^NAME-/)
  },
)

test('what the request did not hold is never put in', async () => {
  const asker = await masking()
  await ask(asker, `Write to ${mail}`)
  const [name] = placeholder.exec(gpt.asked[0]!.text)!
  gpt.next(saying(() => ({ text: `It is ${name}` })))
  expect((await ask(asker, 'Who was it?')).choices[0]?.message.content).toBe(`It is ${name}`)
})

test('what an answer holds of its own is masked on its way out, in a stream as in one piece', async () => {
  const asker = await masking()
  const answers: (string | null | undefined)[] = []
  for (const pieces of [1, 7]) {
    gpt.next(saying(() => ({ text: 'Ask eve@example.com or 4111 1111 1111 1111.' }), pieces))
    answers.push(textOf(await stream(asker, 'Whom?')))
  }
  gpt.next(saying(() => ({ text: 'Ask eve@example.com or 4111 1111 1111 1111.' })))
  answers.push((await ask(asker, 'Whom?')).choices[0]?.message.content)
  expect(new Set(answers).size).toBe(1)
  expect(answers[0]).toMatch(/^Ask EMAIL-.{8} or CARD-.{8}\.$/)
  expect((await gateway.written(asker.ctx)).map(({ guarded }) => guarded?.[0]?.output)).toEqual(
    Array.from({ length: 3 }, () => ({ email: 1, card: 1 })),
  )
})

test('what blocks refuses the request before anybody is asked, without repeating what it found', async () => {
  const asker = await tenant(['gpt'])
  await guard(gateway, asker.ctx, 'pii', 'block')
  const refused = await ask(asker, `Write to ${mail}`).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    status: 400,
    code: 'guardrail_blocked',
    error: { message: 'The guardrail “pii” refuses this. Found: email.' },
  })
  const said = await asker.anthropic.messages
    .create({ model: 'fast', max_tokens: 9, messages: [{ role: 'user', content: mail }] })
    .catch((error: unknown) => error)
  expect(said).toMatchObject({ status: 400, error: { error: { type: 'invalid_request_error' } } })
  expect(gpt.asked).toEqual([])
  const rows = await gateway.written(asker.ctx)
  expect(rows).toMatchObject([
    { outcome: 'blocked', status: 400, failure: 'content_policy', model: null },
    { outcome: 'blocked' },
  ])
  expect(JSON.stringify(rows)).not.toContain('bob')
})

test('an answer that is blocked is refused whole; in the midst of a stream it ends as an error, and the provider is told to stop', async () => {
  const asker = await tenant(['gpt'])
  await guard(gateway, asker.ctx, 'pii', 'block')
  gpt.next(saying(() => ({ text: 'Ask eve@example.com.' })))
  await expect(ask(asker, 'Whom?')).rejects.toMatchObject({ status: 400, code: 'guardrail_blocked' })
  let text = ''
  gpt.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const chunk = (content: string) =>
      response.write(
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`,
      )
    chunk('Ask my good friend ')
    chunk('eve@exam')
    chunk('ple.com for more')
  })
  const broken = (async () => {
    for await (const chunk of await asker.openai.chat.completions.create({
      model: 'fast',
      messages: [{ role: 'user', content: 'Whom?' }],
      stream: true,
    }))
      text += chunk.choices[0]?.delta.content ?? ''
  })()
  await expect(broken).rejects.toMatchObject({ code: 'guardrail_blocked' })
  expect(text).toBe('Ask my good friend ')
  await until('the provider is told to stop', () => Promise.resolve(gpt.abandoned === 1))
  expect(await gateway.written(asker.ctx)).toMatchObject([
    { outcome: 'blocked', provider: 'gpt', input_tokens: 10, output_tokens: 5 },
    { outcome: 'blocked', provider: 'gpt', estimated: true },
  ])
})

test('what only flags changes nothing, and is written down', async () => {
  const asker = await tenant(['gpt'])
  await guard(gateway, asker.ctx, 'pii', 'flag')
  const body = `{ "model":"fast", "messages" :[{"role":"user","content":"${mail}"}],"odd":1e2}`
  const headers = { authorization: `Bearer ${asker.secret}`, 'content-type': 'application/json' }
  const reply = await fetch(`${gateway.openai}/chat/completions`, { method: 'POST', headers, body })
  expect(reply.status).toBe(200)
  expect(reply.headers.get('x-auterity-guardrails')).toBe('pii=flagged')
  expect(gpt.asked[0]?.text).toBe(body.replace('"fast"', '"gpt-5-mini"'))
  expect((await gateway.written(asker.ctx))[0]?.guarded).toMatchObject([{ did: 'flagged', input: { email: 1 } }])
})

test('a change holds from the next request on', async () => {
  const asker = await tenant(['gpt'])
  const { id } = await guard(gateway, asker.ctx, 'pii', null)
  await ask(asker, mail)
  expect(gpt.asked[0]?.text).toContain(mail)
  await withTenant(gateway.database.db, asker.ctx, (tx) => changeGuardrail(tx, asker.ctx, id, { everywhere: 'block' }))
  await until('it refuses', () =>
    ask(asker, mail).then(
      () => false,
      () => true,
    ),
  )
})

test('on Anthropic’s wire, asked of either provider, values are masked in all that is said and put back', async () => {
  for (const names of [['claude'], ['gpt']] as const) {
    const asker = await masking(names)
    const upstream = names[0] === 'gpt' ? gpt : claude
    const question = {
      model: 'fast',
      max_tokens: 50,
      system: [{ type: 'text' as const, text: `You serve ${mail}` }],
      messages: [
        {
          role: 'user' as const,
          content: [
            { type: 'text' as const, text: mail },
            {
              type: 'document' as const,
              source: { type: 'text' as const, media_type: 'text/plain' as const, data: `From ${mail}` },
            },
          ],
        },
        {
          role: 'assistant' as const,
          content: [
            { type: 'tool_use' as const, id: 'toolu_1', name: 'find', input: { email: mail, deep: [{ id: mail }] } },
          ],
        },
        {
          role: 'user' as const,
          content: [{ type: 'tool_result' as const, tool_use_id: 'toolu_1', content: `Found ${mail}` }],
        },
      ],
      tools: [
        {
          name: 'find',
          description: `Finds such as ${mail}`,
          input_schema: { type: 'object' as const, properties: { email: { type: 'string', enum: [mail] } } },
        },
      ],
    }
    await asker.anthropic.messages.create(question)
    expect(upstream.asked.at(-1)?.text).not.toContain('bob')
    expect(upstream.asked.at(-1)?.text.match(/EMAIL-[0-9A-Z]{8}/g)).toHaveLength(8)
    expect((await gateway.written(asker.ctx))[0]?.guarded).toMatchObject([{ input: { email: 8 } }])
  }
})
