import { z } from 'zod'
import type { Route } from '../http.ts'
import { capabilities } from '../steering/actions.ts'
import { providerKind } from './kinds/index.ts'

/** The most bytes of a question: as many as come through the gateway's own door. */
const mostAsked = 32 * 1024 * 1024

const usd = z.number().meta({ description: 'In US dollars for a million tokens.', example: 0.25 })

const playgroundModel = z.object({
  alias: z.string().meta({ description: 'The name to ask for.', example: 'fast' }),
  targets: z
    .array(
      z.object({
        provider: z.string(),
        kind: providerKind,
        model: z.string(),
        price: z
          .object({ input: usd, output: usd })
          .nullable()
          .meta({ description: 'What it costs at present; null where no price is known.' }),
        capabilities: z
          .array(z.enum(capabilities))
          .nullable()
          .meta({ description: 'All that it can be asked for beyond text; null where its route does not say.' }),
        context: z.number().int().nullable().meta({ description: 'The most tokens of a question, where it is known.' }),
      }),
    )
    .meta({ description: 'Who may answer, in the order of their priority.' }),
})
export type PlaygroundModel = z.infer<typeof playgroundModel>

/** OpenAI’s chat completions, of which the gateway reads the model and passes on the rest. */
const question = z
  .looseObject({
    model: z.string().min(1).max(200),
    messages: z.array(z.looseObject({ role: z.string() })).min(1),
    stream: z.boolean().optional(),
  })
  .meta({ example: { model: 'fast', messages: [{ role: 'user', content: 'Which lot has two?' }], stream: true } })

const answer = z.looseObject({}).meta({
  description: 'A chat completion, as OpenAI’s API has it.',
  example: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: 'The north lot.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 },
  },
})

export const playgroundRoutes = {
  'GET /v1/gateway/playground/models': {
    summary: 'The models that can be asked, with what they cost and can do',
    scope: 'gateway:use',
    reply: z.object({ items: z.array(playgroundModel) }),
  },
  'POST /v1/gateway/playground/answers': {
    summary: 'Ask a model as oneself: OpenAI’s chat completions, as a stream where the body says so',
    scope: 'gateway:use',
    body: question,
    reply: answer,
    bytes: mostAsked,
    streams: true,
    problems: ['not_answered'],
  },
} as const satisfies Record<string, Route>
