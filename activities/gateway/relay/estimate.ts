import type { Dialogue, Part } from '#schemas/gateway/wires/dialogue.ts'
import type { Asked } from './asked.ts'
import { speeches } from './speech.ts'
import { readDialogue } from './translate.ts'

/** About four characters make a token of English or of JSON; of scripts that write a word in a sign or two, each is about one. */
const charactersPerToken = 4
const wide = /[\u1100-\u11FF\u2E80-\uD7FF\uF900-\uFAFF]/g

/** What an image of common size comes to, what a few pages do, and half a minute of sound; who knows better has to be asked. */
const perPart = { image: 1000, document: 3000, audio: 1000 }
/** Marks between turns. */
const perTurn = 4

export const tokensOfCharacters = (characters: number): number => Math.ceil(characters / charactersPerToken)

const tokensOfText = (text: string): number => {
  const dense = text.match(wide)?.length ?? 0
  return dense + (text.length - dense) / charactersPerToken
}

/** Of what was asked; where it cannot be read, by its length. */
export function estimatedInput(asked: Asked): number {
  const { spoken } = speeches[asked.operation]
  const dialogue = spoken === null ? undefined : readDialogue(asked, spoken)
  if (dialogue === undefined || 'class' in dialogue) return tokensOfCharacters(asked.bytes.length)
  return estimatedTokens(dialogue)
}

/** About how many tokens a model reads of what it is asked: what is billed by where nobody came to tell the true number. */
export function estimatedTokens({ turns, tools = [], format }: Dialogue): number {
  const said = turns.reduce((sum, { parts }) => sum + perTurn + tokensOfParts(parts), 0)
  const offered = tools.length === 0 ? 0 : tokensOfText(JSON.stringify(tools))
  return Math.ceil(said + offered + (format === undefined ? 0 : tokensOfText(JSON.stringify(format))))
}

const tokensOfParts = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + tokensOfPart(part), 0)

const tokensOfPart = (part: Part): number => {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'thinking':
      return tokensOfText(part.text)
    case 'tool_call':
      return tokensOfText(part.name) + tokensOfText(part.arguments)
    case 'tool_result':
      return tokensOfParts(part.parts)
    case 'document':
      return part.source.from === 'text' ? tokensOfText(part.source.text) : perPart.document
    case 'image':
    case 'audio':
      return perPart[part.type]
    default:
      return tokensOfText(JSON.stringify(part.value))
  }
}
