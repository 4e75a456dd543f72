import type { RecordedBody } from '#schemas/gateway/bodies.ts'
import type { PlaygroundModel } from '#schemas/gateway/playground.ts'
import type { ModelRequest } from '#schemas/gateway/requests.ts'

const conversations = new Set(['chat', 'messages', 'responses', 'completions'])
const forms = new Set(['image_edits', 'image_variations', 'transcriptions', 'translations'])

/** Why a request cannot be sent again; null where it can. */
export function whyNot({ bodies, operation }: Pick<ModelRequest, 'bodies' | 'operation'>): string | null {
  if (forms.has(operation)) return 'It was sent as a form, of which the files are not kept.'
  if (bodies === null) return 'What it asked is not recorded.'
  if (bodies.state === 'missing') return 'What it asked is not written down yet.'
  if (bodies.state === 'over') return 'What it asked was kept for its days, and is deleted.'
  return bodies.state === 'deleted' ? 'What it asked was deleted.' : null
}

/** Whether the playground can hold it. */
export const isConversation = ({ operation }: Pick<ModelRequest, 'operation'>): boolean => conversations.has(operation)

/** What as many tokens would cost at a model, in US dollars, without prompt caches; null where that is not known. */
export function estimateOf(
  { tokens }: Pick<ModelRequest, 'tokens'>,
  model: Pick<PlaygroundModel, 'targets'> | undefined,
): number | null {
  const price = model?.targets[0]?.price ?? null
  if (tokens === null || price === null) return null
  return (tokens.input * price.input + tokens.output * price.output) / 1_000_000
}

/** All words of an answer, and of the tools that it called. */
export const wordsIn = ({ turns, text }: Pick<RecordedBody, 'turns' | 'text'>): string =>
  turns === null
    ? (text ?? '')
    : turns
        .flatMap(({ parts }) => parts)
        .flatMap((part) => {
          if (part.kind === 'text' || part.kind === 'refusal') return [part.text]
          return part.kind === 'call' ? [`${part.name}(${part.arguments})`] : []
        })
        .join('\n')
