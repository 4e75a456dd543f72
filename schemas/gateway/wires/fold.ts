import type { Change, OpenPart } from './change.ts'
import type { Choice, Extra, JsonMembers, Part, Reply, Seal, Usage } from './dialogue.ts'
import type { Failure } from './failure.ts'

/** Puts the changes of a stream together to the answer that they are; also as far as it came when it was cut. */
export class Folded {
  #begin: Omit<Extract<Change, { type: 'begin' }>, 'type' | 'usage'> = { id: '', model: '' }
  #choices: Choice[] = []
  #usage: Partial<Usage> | undefined
  /** Texts grow in pieces, which are joined when somebody asks. */
  #pieces = new Map<string, string[]>()
  failure: Failure | undefined
  ended = false

  add(change: Change): this {
    switch (change.type) {
      case 'begin': {
        const { type: _, usage, ...begin } = change
        this.#begin = begin
        if (usage !== undefined) this.#usage = usage
        break
      }
      case 'open':
        this.#choice(change.choice).parts[change.part] = { ...change.is }
        break
      case 'grow': {
        const key = `${change.choice}/${change.part}`
        const pieces = this.#pieces.get(key)
        if (pieces === undefined) this.#pieces.set(key, [change.text])
        else pieces.push(change.text)
        break
      }
      case 'seal':
        Object.assign(this.#part(change), { seal: change.seal })
        break
      case 'remark': {
        const part = this.#part(change) as { extra?: Extra }
        part.extra = merged(part.extra, change.extra)
        break
      }
      case 'logprobs': {
        const choice = this.#choice(change.choice)
        choice.logprobs = mergedLists(choice.logprobs, change.logprobs)
        break
      }
      case 'stop': {
        const { type: _, choice, ...told } = change
        Object.assign(this.#choice(choice), told)
        break
      }
      case 'usage':
        this.#usage = { ...this.#usage, ...change.usage }
        if (change.tier !== undefined) this.#begin.tier = change.tier
        break
      case 'close':
        break
      case 'end':
        this.ended = true
        break
      case 'error':
        this.failure = change.failure
        break
    }
    return this
  }

  #choice(index: number): Choice {
    for (let at = this.#choices.length; at <= index; at++) this.#choices.push({ parts: [], stop: 'other' })
    return this.#choices[index] as Choice
  }
  #part({ choice, part }: { choice: number; part: number }): Part {
    return this.#choice(choice).parts[part] ?? { type: 'text', text: '' }
  }

  get usage(): Usage | undefined {
    return this.#usage && { input: 0, output: 0, ...this.#usage }
  }

  get reply(): Reply {
    for (const [key, pieces] of this.#pieces) {
      const [choice = 0, part = 0] = key.split('/').map(Number)
      const grown = this.#part({ choice, part })
      if (grown.type === 'tool_call') grown.arguments += pieces.join('')
      else if ('text' in grown) grown.text += pieces.join('')
    }
    this.#pieces.clear()
    const { usage } = this
    return { ...this.#begin, choices: this.#choices, ...(usage === undefined ? {} : { usage }) }
  }
}

const merged = (before: Extra | undefined, more: Extra): Extra =>
  before === undefined || before.wire !== more.wire
    ? more
    : { wire: more.wire, members: mergedLists(before.members, more.members) as JsonMembers }

/** Lists grow at their end, whatever else is replaced. */
const mergedLists = (before: unknown, more: unknown): unknown => {
  if (Array.isArray(before) && Array.isArray(more)) return [...(before as unknown[]), ...(more as unknown[])]
  if (typeof before !== 'object' || before === null || typeof more !== 'object' || more === null) return more ?? before
  const all: JsonMembers = { ...before }
  for (const [key, value] of Object.entries(more)) all[key] = mergedLists(all[key], value)
  return all
}

export const fold = (changes: Iterable<Change>): Reply => {
  const folded = new Folded()
  for (const change of changes) folded.add(change)
  return folded.reply
}

/** The changes that a whole answer would have come in: an answer of the cache, or of a provider that does not stream. */
export function* unfold(reply: Reply): Generator<Change> {
  const { choices, usage, ...begin } = reply
  yield { type: 'begin', ...begin }
  for (const [choice, { parts, logprobs, ...stop }] of choices.entries()) {
    for (const [part, whole] of parts.entries()) {
      if (whole.type === 'tool_result' || whole.type === 'document') continue
      const { is, text, seal } = opened(whole)
      yield { type: 'open', choice, part, is }
      if (text !== '') yield { type: 'grow', choice, part, text }
      if (seal !== undefined) yield { type: 'seal', choice, part, seal }
      yield { type: 'close', choice, part }
    }
    if (logprobs !== undefined) yield { type: 'logprobs', choice, logprobs }
    yield { type: 'stop', choice, ...stop }
  }
  if (usage !== undefined) yield { type: 'usage', usage }
  yield { type: 'end' }
}

/** A part as it opens, and what it grows to from there. */
const opened = (whole: OpenPart): { is: OpenPart; text: string; seal?: Seal } => {
  if (whole.type === 'tool_call') return { is: { ...whole, arguments: '' }, text: whole.arguments }
  if (whole.type === 'thinking' && !whole.hidden && whole.seal !== undefined) {
    const { seal, ...is } = whole
    return { is: { ...is, text: '' }, text: whole.text, seal }
  }
  return 'text' in whole ? { is: { ...whole, text: '' }, text: whole.text } : { is: whole, text: '' }
}
