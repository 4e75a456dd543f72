import type { Json, JsonObject, JsonSchema } from '#schemas/automation/json.ts'
import { errors, Fault, isFault } from '#schemas/errors.ts'
import { traced } from '#temporal/tracing.ts'
import { completeWithAnthropic } from './anthropic.ts'
import type { Ask, ModelConfig, Provider, Said, Tool, ToolCall, Turn } from './ask.ts'
import { completeWithOpenai } from './openai.ts'
import { readerOf } from './shape.ts'

export type { ModelConfig, Turn } from './ask.ts'

export type Question = {
  turns: readonly Turn[]
  /** JSON Schema of the answer; without one the answer is a text. */
  schema?: JsonSchema | null
  name?: string
  tools?: readonly Tool[]
  /** How often at most the model may ask for tools. */
  rounds?: number
  signal?: AbortSignal | undefined
}
export type Answer = { value: Json; repaired: boolean; used: { name: string; input: JsonObject }[] }

export type Gateway = {
  readonly config: ModelConfig
  /** An answer of the asked shape; one of another shape is sent back once for repair, then `model_refused`. */
  complete(question: Question): Promise<Answer>
}

const providers: Record<ModelConfig['provider'], Provider> = {
  openai: completeWithOpenai,
  anthropic: completeWithAnthropic,
}
/** The most characters of a tool's result that the model is shown. */
const mostResult = 20_000

export function createGateway(config: ModelConfig): Gateway {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': config.provider,
    'gen_ai.request.model': config.model,
  }
  const say = (ask: Ask): Promise<Said> =>
    traced(`chat ${config.model}`, { kind: 'client', attributes }, () => providers[config.provider](config, ask))

  return {
    config,
    async complete({ turns: given, schema = null, name = 'answer', tools = [], rounds = 5, signal }) {
      const { shape, read } = readerOf(schema, name)
      const turns = [...given]
      const used: Answer['used'] = []
      const ask = (mayCall: boolean) => say({ turns, shape, tools, mayCall, signal })

      let said = await ask(tools.length > 0)
      for (let round = 1; said.calls.length > 0; round++) {
        turns.push({ role: 'assistant', content: said.text, calls: said.calls })
        turns.push(...(await Promise.all(said.calls.map((call) => useTool(tools, call)))))
        used.push(...said.calls.map(({ name: tool, input }) => ({ name: tool, input })))
        said = await ask(round < rounds)
      }
      const first = read(said.text)
      if ('value' in first) return { value: first.value, repaired: false, used }
      turns.push(
        { role: 'assistant', content: said.text.slice(0, 8000) || '(nothing)' },
        {
          role: 'user',
          content: `Repair your answer: ${first.why}${shape === null ? '' : ' Answer with the JSON object only.'}`,
        },
      )
      const again = read((await ask(false)).text)
      if ('value' in again) return { value: again.value, repaired: true, used }
      throw new Fault('model_refused', `The model's answer was not of the asked shape, twice: ${again.why}`)
    },
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
