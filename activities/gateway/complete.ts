import { createHash } from 'node:crypto'
import type { Json, JsonObject, JsonSchema } from '#schemas/automation/json.ts'
import { errors, Fault, isFault } from '#schemas/errors.ts'
import { readError } from '#schemas/gateway/wires/chat/failure.ts'
import { failures } from '#schemas/gateway/wires/failure.ts'
import { traceHeaders } from '#temporal/tracing.ts'
import type { Ask, Said, Tool, ToolCall, Turn } from './ask.ts'
import { readSaid, writeAsk } from './dialogue.ts'
import { askDirectly, type Answerer, type Reply } from './relay/direct.ts'
import type { Relay } from './relay/index.ts'
import { readerOf } from './shape.ts'
import type { Answers, Asker } from './store-answers.ts'
import { keyless } from './relay/keyless.ts'

export type { Turn } from './ask.ts'

export type Question = {
  /** In whose name; what it costs is counted as of this run, under these tags. */
  asker: Asker & { tags: Readonly<Record<string, string>> }
  /** The alias that is asked. */
  model: string
  turns: readonly Turn[]
  /** JSON Schema of the answer; without one the answer is a text. */
  schema?: JsonSchema | null
  name?: string
  tools?: readonly Tool[]
  /** How often at most the model may ask for tools. */
  rounds?: number
  signal?: AbortSignal | undefined
  /** Asked by the name alone, whatever rules say, and counted as of no run. */
  apart?: boolean
  /** How long one answer may take, in ms. */
  patience?: number
}
export type Answer = {
  value: Json
  repaired: boolean
  used: { name: string; input: JsonObject }[]
  /** Who answered last. */
  by: Answerer
}

export type Gateway = {
  /** An answer of the asked shape; one of another shape is sent back once for repair, then `model_refused`. */
  complete(question: Question): Promise<Answer>
  /** Whether only a sandbox answers by this name at a tenant. */
  isSandbox(tenant: string, model: string): Promise<boolean>
}

/** The most characters of a tool's result that the model is shown. */
const mostResult = 20_000
/** How long one answer may take where it is not said, in ms. */
const usualPatience = 25_000

/** What is kept of an answer. */
type Heard = Said & { by: Answerer }

/**
 * Asks the platform's models from within. What was answered is kept until its step is sure to have it, so that a worker
 * that dies between the two costs nothing twice.
 */
export function createGateway({ relay, answers }: { relay: Relay; answers: Answers }): Gateway {
  const say = async (
    { asker, signal, apart = false, patience = usualPatience }: Question,
    ask: Ask,
  ): Promise<Heard> => {
    const body = writeAsk(ask)
    const asked = JSON.stringify(body)
    const known = await answers.find(asker, asked)
    if (known !== null) return JSON.parse(known) as Heard
    const late = AbortSignal.timeout(patience)
    const { tenant, run, step, tags } = asker
    const headers = { ...traceHeaders(), 'idempotency-key': hashOf([run, step, asked]) }
    const reply = await askDirectly(relay, keyless(tenant, { run: apart ? null : run, tags }), body, {
      apart,
      headers,
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    }).catch((error: unknown) => {
      if (signal?.aborted !== true && !late.aborted) throw error
      throw new Fault('unavailable', 'The model does not answer: it was given up.', {}, error)
    })
    const heard = { ...readAnswer(reply), by: reply.by }
    await answers.keep(asker, asked, JSON.stringify(heard))
    return heard
  }

  return {
    async isSandbox(tenant, model) {
      const { routes, providers } = await relay.knowledge.models(tenant)
      const targets = routes.get(model)?.targets ?? []
      return targets.length > 0 && targets.every(({ provider }) => providers.get(provider)?.kind === 'sandbox')
    },
    async complete(question) {
      const { asker, model, turns: given, schema = null, name = 'answer', tools = [], rounds = 5 } = question
      const { shape, read } = readerOf(schema, name)
      const turns = [...given]
      const used: Answer['used'] = []
      const ask = async (mayCall: boolean): Promise<Heard> => {
        const heard = await say(question, { model, turns, shape, tools, mayCall })
        return mayCall ? heard : { ...heard, calls: [] }
      }

      let said = await ask(tools.length > 0)
      for (let round = 1; said.calls.length > 0; round++) {
        turns.push({ role: 'assistant', content: said.text, calls: said.calls })
        turns.push(...(await Promise.all(said.calls.map((call) => useTool(tools, call)))))
        used.push(...said.calls.map(({ name: tool, input }) => ({ name: tool, input })))
        said = await ask(round < rounds)
      }
      const first = read(said.text)
      if ('value' in first) return { value: first.value, repaired: false, used, by: said.by }
      turns.push(
        { role: 'assistant', content: said.text.slice(0, 8000) || '(nothing)' },
        {
          role: 'user',
          content: `Repair your answer: ${first.why}${shape === null ? '' : ' Answer with the JSON object only.'}`,
        },
      )
      const repaired = await ask(false)
      const again = read(repaired.text)
      if ('value' in again) return { value: again.value, repaired: true, used, by: repaired.by }
      // who tries again wants another answer, not this one
      await answers.forget(asker)
      throw new Fault('model_refused', `The model's answer was not of the asked shape, twice: ${again.why}`)
    },
  }
}

const hashOf = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/** What an answer says; of a refusal, whether it may be asked again is in the code of the `Fault`. */
const readAnswer = ({ status, header, body }: Reply): Said => {
  const said = parsed(body)
  if (status < 300) return readSaid(said)
  const { class: of, message, retryAfter } = readError(status, said, header, Date.now())
  if (failures[of].next === 'later')
    throw new Fault(
      'unavailable',
      `The model does not answer: ${message}`,
      retryAfter === undefined ? {} : { retryAfterMs: retryAfter * 1000 },
    )
  throw new Fault('model_refused', `The model refused: ${message}`)
}

const parsed = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString()) as unknown
  } catch {
    return undefined
  }
}

/** What a tool gives, or why it will not: a model can ask again in another way, but it cannot mend an outage. */
const useTool = async (tools: readonly Tool[], { id, name, input }: ToolCall): Promise<Turn> => {
  const tool = tools.find((one) => one.name === name)
  const told = (content: string): Turn => ({ role: 'tool', call: id, content })
  if (tool === undefined) return told(JSON.stringify({ error: `There is no tool ${name}.` }))
  try {
    return told(JSON.stringify(await tool.use(input)).slice(0, mostResult))
  } catch (error) {
    if (!isFault(error) || errors[error.code].retryable) throw error
    return told(JSON.stringify({ error: error.message }))
  }
}
