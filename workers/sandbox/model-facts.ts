import type { Conversation } from './model-conversation.ts'
import { jsonObjects } from './model-lead.ts'
import type { Guess } from './model-schema.ts'
import { writtenFrom } from './model-writing.ts'

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** What a conversation says by name: the values in its JSON, its `name: value` lines, an address or a number in it. */
const factsOf = (texts: readonly string[]): Map<string, unknown> => {
  const facts = new Map<string, unknown>()
  const add = (name: string, value: unknown) => {
    const key = plain(name)
    if (value === null || value === undefined || value === '' || facts.has(key)) return
    facts.set(key, value)
  }
  const addAll = (value: unknown): void => {
    if (Array.isArray(value)) return value.slice(0, 20).forEach(addAll)
    if (typeof value !== 'object' || value === null) return
    for (const [name, one] of Object.entries(value)) add(name, one)
    for (const one of Object.values(value)) addAll(one)
  }
  for (const text of texts) {
    jsonObjects(text).forEach(addAll)
    for (const [, name = '', value = ''] of text.matchAll(/^[\s*-]*([A-Za-z][\w ]{1,30}):[ \t]*([^\s{["].*)$/gm))
      add(name, value.trim())
    add('email', /[^\s@<>"(),;:]+@[^\s@<>"(),;:]+\.[a-z]{2,}/i.exec(text)?.[0])
    add('phone', /\+?\(?\d[\d ()-]{6,16}\d/.exec(text)?.[0])
  }
  return facts
}

/** A guesser for one conversation, and what is known in it for sure. */
export const knowledgeOf = ({ turns }: Conversation): { known: Guess; guess: Guess; excerpt: string } => {
  const said = turns.filter(({ role }) => role === 'user' || role === 'tool').map(({ text }) => text)
  const facts = factsOf(said)
  const all = said.join('\n').toLowerCase()
  const last = turns.findLast(({ role }) => role === 'user')?.text ?? ''
  const excerpt = wordsOf(last).slice(0, 120)
  const known: Guess = (name) => facts.get(plain(name))
  const written = writtenFrom((name) => facts.get(plain(name)))
  const guess: Guess = (name, schema) => {
    const fact = known(name, schema)
    if (fact !== undefined) return fact
    if (Array.isArray(schema['enum']))
      return schema['enum'].find(
        (one) => typeof one === 'string' && all.includes(one.toLowerCase().replaceAll('_', ' ')),
      )
    const types = [schema['type']].flat()
    if (types.includes('null')) return undefined
    if (Object.hasOwn(written, name)) return written[name]
    if (types.includes('boolean')) return all.includes(name.toLowerCase().replaceAll('_', ' '))
    if (types.includes('string') && schema['format'] === undefined) return wordsFor(name, written.text, excerpt)
    return undefined
  }
  return { known, guess, excerpt }
}

/** What was said, in words: of JSON what stands in it, for nobody writes braces to a customer. */
const wordsOf = (said: string): string => {
  const text = said.trim().replaceAll(/\s+/g, ' ')
  if (!text.startsWith('{')) return text
  const facts = [...factsOf([text])].filter(([, value]) => typeof value !== 'object')
  return facts.map(([name, value]) => `${name} ${String(value)}`).join(', ')
}

const wordsFor = (name: string, letter: string, excerpt: string): string => {
  if (/reply|message|body|email|text/i.test(name)) return letter
  if (/title|subject|headline/i.test(name)) return `About: ${excerpt.slice(0, 60)}`
  return `Sandbox: ${excerpt}`
}
