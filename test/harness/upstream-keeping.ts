import { reply } from '#schemas/gateway/wires/fixtures/messages.ts'
import { json, type Behaviour } from './upstream.ts'

type Block = { type: string; text?: string; cache_control?: { type: string } }
type Said = string | Block[] | undefined
type Body = { model: string; tools?: Block[]; system?: Said; messages: { role: string; content: Said }[] }

/** How many blocks before a mark are looked for among what is kept. */
const looksBack = 20
const least = 1024

const blocksOf = (role: string, said: Said): Block[] =>
  (typeof said === 'string' ? [{ type: 'text', text: said }] : (said ?? [])).map((block) => ({ ...block, role }))

/**
 * Answers on Anthropic's wire, and keeps prompts as that does ("Prompt caching" in the Claude API reference): up to marks alone, four of
 * them at the most and on no blank text or thought, from 1,024 tokens on, for each model apart. Of what is kept it tells.
 */
export function messagesKeeping(): Behaviour {
  const kept = new Set<string>()
  return (response, asked) => {
    const { model, tools = [], system, messages } = asked.body as unknown as Body
    const blocks = [
      ...tools.map((tool) => ({ ...tool, role: 'tools' })),
      ...blocksOf('system', system),
      ...messages.flatMap(({ role, content }) => blocksOf(role, content)),
    ]
    const marks = blocks.flatMap(({ cache_control: mark }, at) => (mark === undefined ? [] : [at]))
    const wrong = marks.some((at) => /thinking/.test(blocks[at]!.type) || blocks[at]!.text?.trim() === '')
    if (marks.length > 4 || wrong)
      return json(400, { type: 'error', error: { type: 'invalid_request_error' } })(response)
    const bare = blocks.map((block) => JSON.stringify({ ...block, cache_control: undefined }))
    const upTo = (at: number) => [model, ...bare.slice(0, at + 1)].join('\n')
    const tokensTo = (at: number) => Math.ceil((upTo(at).length - model.length) / 4)
    let read = 0
    for (const mark of marks)
      for (let at = mark; at >= 0 && at > mark - looksBack; at--)
        if (kept.has(upTo(at))) {
          read = Math.max(read, tokensTo(at))
          break
        }
    const worth = marks.filter((at) => tokensTo(at) >= least)
    for (const at of worth) kept.add(upTo(at))
    const written = Math.max(0, tokensTo(worth.at(-1) ?? -1) - read) * (worth.length > 0 ? 1 : 0)
    const all = tokensTo(blocks.length - 1)
    const usage = {
      input_tokens: all - read - written,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: written,
      output_tokens: 10,
    }
    return json(200, { ...reply, usage }, { 'request-id': 'req_1' })(response)
  }
}
