import { z } from 'zod'
import { guardKind, type Judged } from './kind.ts'

type Sign = { why: string; weight: number; pattern: RegExp }

/** Texts of prompts that were published as attacks, and what they have in common; a weight is how much one alone says. */
const signs: readonly Sign[] = [
  {
    why: 'asks to set aside earlier instructions',
    weight: 0.75,
    pattern:
      /\b(?:ignore|disregard|forget|override|bypass|skip)\b(?:[^\w\n]{1,3}\w{1,20}){0,4}?[^\w\n]{1,3}(?:previous|prior|above|earlier|preceding|all|your|system|developer|initial|original)\b(?:[^\w\n]{1,3}\w{1,20}){0,3}?[^\w\n]{1,3}(?:instructions?|prompts?|rules|directions|guidelines|directives|context|programming)\b/,
  },
  {
    why: 'asks to set aside earlier instructions',
    weight: 0.75,
    pattern:
      /\b(?:ignorier\w{0,3}|vergiss|missachte)\b.{0,30}\b(?:anweisung|regeln|vorgaben)|\b(?:ignora|olvida|ignorez|oublie[zr]?|ignore|dimentica)\b.{0,30}\b(?:instrucciones|reglas|instructions pr\S{1,3}c\S{1,3}dentes|consignes|instru\S{1,3}\Wes anteriores|istruzioni)/,
  },
  {
    why: 'gives itself out as new instructions',
    weight: 0.5,
    pattern:
      /\b(?:new|updated|real|actual) (?:system |developer )?instructions?\s{0,3}[:=]|\bend of (?:the )?(?:system )?(?:prompt|instructions)\b/,
  },
  {
    why: 'holds marks that end a turn',
    weight: 0.7,
    pattern:
      /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|>|\[\/?inst\]|<<\/?sys>>|<\/?(?:system|system_prompt)>|^#{2,4} ?system ?:/m,
  },
  { why: 'speaks as another turn', weight: 0.35, pattern: /\n\s{0,4}(?:system|assistant|human) ?: \S/ },
  {
    why: 'asks for a role without rules',
    weight: 0.7,
    pattern:
      /\bdo anything now\b|\b(?:developer|god|jailbreak|dan) mode\b|\bjailbroken\b|\b(?:act|behave|respond|answer) as (?:an? )?(?:unrestricted|unfiltered|uncensored|evil|amoral)\b/,
  },
  {
    why: 'asks for answers without limits',
    weight: 0.45,
    pattern:
      /\b(?:without|no|free of) (?:any )?(?:restrictions|filters?|limitations|censorship|ethical guidelines|content policy|moral)\b/,
  },
  {
    why: 'gives a new role',
    weight: 0.3,
    pattern: /\byou are (?:now|no longer)\b|\bfrom now on,? you\b|\bpretend (?:to be|that you|you are)\b/,
  },
  {
    why: 'asks for the instructions',
    weight: 0.65,
    pattern:
      /\b(?:reveal|print|show|repeat|output|display|leak|tell me|what (?:is|are|was|were)|give me)\b.{0,30}\b(?:system|initial|hidden|original|secret|developer) (?:prompt|instructions?|message|rules)\b|\brepeat (?:the |all )?(?:text|words|everything|sentences?) (?:above|before)\b/,
  },
  {
    why: 'asks to hide something from the user',
    weight: 0.5,
    pattern:
      /\b(?:do not|don't|never|without) (?:tell|telling|inform|informing|mention\w{0,3}|reveal\w{0,3}|alert\w{0,3})\b.{0,25}\b(?:user|human|customer|anyone)\b/,
  },
  {
    why: 'sends data to an address',
    weight: 0.6,
    pattern:
      /\b(?:send|post|upload|forward|exfiltrate|transmit)\b.{0,60}\bto https?:\/\/|!\[[^\]\n]{0,80}\]\(https?:\/\/[^)\s]{1,200}[?&][^)\s=]{1,40}=/,
  },
  {
    why: 'hides text in an encoding',
    weight: 0.5,
    pattern: /\b(?:base64|rot13|hex)\b[^]{0,80}?[a-z0-9+/=]{80}|[a-z0-9+/=]{80}[^]{0,80}?\b(?:decode|base64)\b/,
  },
]

/** Letters that nobody sees: tags of Unicode spell out whole texts, the others take words apart. */
const tags = /[\u{E0020}-\u{E007E}]{3}/u
const unseen = /[\u200B-\u200F\u2060-\u2064\u202A-\u202E\u2066-\u2069\uFEFF\u00AD]/g
const tagLetters = /[\u{E0020}-\u{E007E}]/gu

/** What a text says, whatever it is written in: letters that nobody sees are left out, and tags are read. */
const plain = (text: string): string =>
  text
    .replaceAll(tagLetters, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) - 0xe0000))
    .replaceAll(unseen, '')
    .normalize('NFKC')
    .toLowerCase()

/** How much it looks like somebody takes the word from those who wrote the instructions, and why. */
export function judge(text: string): Judged {
  const why: string[] = []
  let doubt = 1
  const add = (reason: string, weight: number) => {
    if (why.includes(reason)) return
    why.push(reason)
    doubt *= 1 - weight
  }
  const said = plain(text)
  for (const sign of signs) if (sign.pattern.test(said)) add(sign.why, sign.weight)
  if (tags.test(text)) add('holds letters that nobody sees', 0.8)
  else if ((text.match(unseen)?.length ?? 0) >= 8) add('holds letters that nobody sees', 0.4)
  return { score: Math.round((1 - doubt) * 100) / 100, why }
}

export const injection = guardKind({
  title: 'Prompt injection',
  about:
    'Looks for signs, in what users say and tools bring, that somebody takes the word from your instructions. It is a set of rules, and does not know every attack.',
  sides: ['input'],
  mends: 'There is nothing to mend: it is refused.',
  options: z.object({
    threshold: z.number().min(0.1).max(1).default(0.7).meta({
      title: 'From which score on',
      description:
        'From 0 to 1. One plain sign comes to about 0.7; the lower it is, the more is found, and the more by mistake.',
      example: 0.7,
    }),
  }),
  compile: ({ threshold }) => ({ does: 'judges', threshold, judge }),
})
