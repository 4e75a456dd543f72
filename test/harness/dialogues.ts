import * as fc from 'fast-check'
import {
  answerParts,
  base64,
  cacheOf,
  callPart,
  documentPart,
  imagePart,
  json,
  maybe,
  resultPart,
  some,
  text,
  textPart,
  word,
  type Sayable,
} from './dialogue-parts.ts'
import type { Change } from '#schemas/gateway/wires/change.ts'
import type { Dialogue, Part, Reply, Stop, Tool, ToolResultPart, Turn, Usage } from '#schemas/gateway/wires/dialogue.ts'
import { efforts } from '#schemas/gateway/wires/dialogue.ts'
import { known } from '#schemas/gateway/wires/members.ts'

/** A call and its result, with what comes between: no wire would take a result without its call. */
const turns = (say: Sayable): fc.Arbitrary<Turn[]> => {
  const seen: fc.Arbitrary<Part>[] = [textPart(say), imagePart(say), documentPart(say)]
  if (say.wire === 'chat')
    seen.push(base64.map((data) => ({ type: 'audio', source: { from: 'bytes', mime: 'audio/wav', base64: data } })))
  const user = some(fc.oneof(...seen)).map((parts): Turn => ({ role: 'user', parts }))
  const assistant = answerParts(say).map((parts): Turn => ({ role: 'assistant', parts }))
  const exchange = fc.tuple(some(callPart(say)), some(resultPart(say))).map(([calls, results]): Turn[] => [
    { role: 'assistant', parts: calls },
    {
      role: 'tool',
      parts: calls.map((call, at) => ({
        ...(results[at % results.length] as ToolResultPart),
        call: call.type === 'tool_call' ? call.id : '',
      })),
    },
  ])
  const rounds = fc.array(
    fc.oneof(
      user.map((one) => [one]),
      fc.tuple(user, assistant),
      exchange,
    ),
    { minLength: 1, maxLength: 4 },
  )
  const system = maybe(some(textPart(say)).map((parts): Turn => ({ role: 'system', parts })))
  return fc.tuple(system, user, rounds).map(([system, first, rounds]) => {
    const all = [...(system === undefined ? [] : [system]), first, ...rounds.flat()]
    // two answers in a row are one where they are told as items
    if (say.wire === 'responses' || say.wire === 'converse')
      for (let at = all.length - 1; at > 0; at--) {
        const [before, turn] = [all[at - 1], all[at]]
        if (turn === undefined || before === undefined || turn.role !== before.role) continue
        if (turn.role !== 'assistant' && say.wire !== 'converse') continue
        before.parts.push(...turn.parts)
        all.splice(at, 1)
      }
    // the ids of calls are unique in a dialogue
    let count = 0
    const ids = new Map<string, string>()
    for (const { parts } of all)
      for (const part of parts) {
        if (part.type === 'tool_call') {
          const id = `call_${String(count++).padStart(6, '0')}`
          ids.set(part.id, id)
          part.id = id
        }
        if (part.type === 'tool_result') part.call = ids.get(part.call) ?? ''
      }
    return structuredClone(all)
  })
}

const tool = (say: Sayable): fc.Arbitrary<Tool> =>
  fc
    .record({
      type: fc.constant('function' as const),
      name: word,
      description: maybe(text),
      parameters: json.map((properties) => ({ type: 'object', properties })),
      strict:
        say.wire === 'gemini' || say.wire === 'converse'
          ? fc.constant(undefined)
          : say.wire === 'responses'
            ? fc.boolean()
            : maybe(fc.boolean()),
      cache: say.wire === 'messages' || say.wire === 'converse' ? cacheOf(say) : fc.constant(undefined),
    })
    .map(known)

const thinking = ({ wire }: Sayable): fc.Arbitrary<Dialogue['thinking']> => {
  if (wire === 'messages')
    return maybe(
      fc.constantFrom<NonNullable<Dialogue['thinking']>>(
        { effort: 'low' },
        { mode: 'off' },
        { mode: 'auto', effort: 'max', show: 'summarized' },
      ),
    )
  if (wire === 'chat' || wire === 'responses')
    return maybe(
      fc.oneof(
        fc.constant({ mode: 'off' as const }),
        fc.constantFrom(...efforts).map((effort) => ({ mode: 'auto' as const, effort })),
      ),
    )
  return fc.constant(undefined)
}

export const dialogues = (say: Sayable): fc.Arbitrary<Dialogue> => {
  const { wire } = say
  const only = <T>(wires: Sayable['wire'][], one: fc.Arbitrary<T>) =>
    wires.includes(wire) ? maybe(one) : (fc.constant(undefined) as fc.Arbitrary<T | undefined>)
  const schema = json.map((value) => ({ type: 'object', ...value }))
  const format: fc.Arbitrary<Dialogue['format']> =
    wire === 'chat' || wire === 'responses'
      ? maybe(
          fc.oneof(
            fc.constant({ type: 'json' as const }),
            fc
              .record({
                type: fc.constant('schema' as const),
                schema,
                name: word,
                description: maybe(text),
                strict: maybe(fc.boolean()),
              })
              .map(known),
          ),
        )
      : wire === 'messages'
        ? maybe(schema.map((one) => ({ type: 'schema' as const, schema: one })))
        : wire === 'gemini'
          ? maybe(
              fc.oneof(
                fc.constant({ type: 'json' as const }),
                schema.map((one) => ({ type: 'schema' as const, schema: one })),
              ),
            )
          : fc.constant(undefined)
  const choice = fc.constantFrom<NonNullable<Dialogue['toolChoice']>>('auto', 'none', 'required', { name: 'look' })
  const amount = fc.double({ min: 0, max: 1, noNaN: true })
  return fc
    .record({
      model: wire === 'gemini' || wire === 'converse' ? fc.constant('m') : word,
      turns: turns(say),
      // Bedrock has to be told of tools where they were called
      tools: wire === 'converse' ? some(tool(say)) : maybe(some(tool(say))),
      toolChoice: wire === 'converse' ? maybe(choice.filter((one) => one !== 'none')) : maybe(choice),
      parallelTools: only(['chat', 'messages', 'responses'], fc.boolean()),
      format,
      thinking: thinking(say),
      verbosity: only(['chat', 'responses'], fc.constantFrom('low' as const, 'high' as const)),
      maxTokens: wire === 'messages' ? fc.integer({ min: 1, max: 9999 }) : maybe(fc.integer({ min: 1, max: 9999 })),
      temperature: maybe(amount),
      topP: maybe(amount),
      topK: only(['messages', 'gemini'], fc.integer({ min: 1, max: 99 })),
      stop: only(['chat', 'messages', 'gemini', 'converse'], some(text)),
      seed: only(['chat', 'gemini'], fc.integer()),
      presencePenalty: only(['chat', 'gemini'], amount),
      frequencyPenalty: only(['chat', 'gemini'], amount),
      choices: only(['chat', 'gemini'], fc.integer({ min: 1, max: 4 })),
      logprobs: only(['chat'], fc.integer({ min: 0, max: 5 })),
      stream: only(['chat', 'messages', 'responses'], fc.boolean()),
      streamUsage: only(['chat'], fc.boolean()),
      user: only(['chat', 'messages', 'responses'], word),
      metadata: only(
        ['chat', 'responses', 'converse'],
        fc.dictionary(word, word, { maxKeys: 2, noNullPrototype: true }),
      ),
      tier: only(['chat', 'messages', 'responses'], fc.constantFrom('auto', 'default')),
      cacheKey: only(['chat', 'responses'], word),
    })
    .map((dialogue) => {
      const { tools, thinking } = dialogue
      if (wire !== 'chat' && wire !== 'responses') {
        // what goes by the board together there
        if (tools === undefined) dialogue.toolChoice = undefined
        if (dialogue.toolChoice === undefined || dialogue.toolChoice === 'none') dialogue.parallelTools = undefined
        if (thinking?.mode === 'auto') {
          if (dialogue.toolChoice === 'required' || typeof dialogue.toolChoice === 'object')
            dialogue.thinking = undefined
          else dialogue.temperature = undefined
        }
      }
      return known(dialogue) as Dialogue
    })
}

const usages = (say: Sayable): fc.Arbitrary<Usage> => {
  const count = fc.integer({ min: 0, max: 9999 })
  const { wire } = say
  return fc
    .record({
      input: count,
      output: count,
      cacheRead: wire === 'messages' || wire === 'responses' ? count : maybe(count),
      cacheWrite:
        wire === 'messages' || wire === 'responses' ? count : wire === 'gemini' ? fc.constant(undefined) : maybe(count),
      reasoning: wire === 'converse' ? fc.constant(undefined) : wire === 'responses' ? count : maybe(count),
    })
    .map((usage) => known({ ...usage, output: usage.output + (usage.reasoning ?? 0) }))
}

const stopsOf: Record<Sayable['wire'], Stop[]> = {
  chat: ['end', 'length', 'filtered'],
  messages: ['end', 'length', 'refusal', 'pause', 'context'],
  responses: ['end', 'length', 'filtered'],
  gemini: ['end', 'length', 'filtered'],
  converse: ['end', 'length', 'filtered', 'context'],
}

export const replies = (say: Sayable): fc.Arbitrary<Reply> => {
  const parts = answerParts(say).map((all) => {
    // of an answer all texts are one on the chat wire, and nothing in it is marked for a cache
    const plain = all.map(({ ...part }) => (delete (part as { cache?: unknown }).cache, part))
    const one =
      say.wire === 'chat' || say.wire === 'gemini'
        ? plain.filter((part, at) => part.type !== 'text' || plain.findIndex(({ type }) => type === 'text') === at)
        : plain
    let count = 0
    return one.map((part) =>
      part.type === 'tool_call' ? { ...part, id: `call_${String(count++).padStart(6, '0')}` } : part,
    )
  })
  const choice = fc.tuple(parts, fc.constantFrom(...stopsOf[say.wire])).map(([parts, stop]) => ({
    parts,
    stop: parts.some(({ type }) => type === 'tool_call') && stop === 'end' ? ('tool_calls' as const) : stop,
  }))
  const most = say.wire === 'chat' ? 2 : 1
  return fc
    .record({
      id: say.wire === 'converse' ? fc.constant('') : word,
      model: say.wire === 'converse' ? fc.constant('') : word,
      created:
        say.wire === 'chat' || say.wire === 'responses' ? fc.integer({ min: 1, max: 2 ** 31 }) : fc.constant(undefined),
      choices: fc.array(choice, { minLength: 1, maxLength: most }),
      usage: usages(say),
    })
    .map(known) as fc.Arbitrary<Reply>
}

/** The same changes with their texts in other pieces. */
export const inPieces = (changes: Iterable<Change>, at: readonly number[]): Change[] => {
  let next = 0
  return [...changes].flatMap((change): Change[] => {
    if (change.type !== 'grow' || at.length === 0) return [change]
    const end = 1 + ((at[next++ % at.length] ?? 0) % change.text.length)
    const tail = change.text.slice(end)
    return [{ ...change, text: change.text.slice(0, end) }, ...(tail === '' ? [] : [{ ...change, text: tail }])]
  })
}
