import type { Tried } from '#schemas/gateway/guardrails/index.ts'
import type { GuardKindName } from '#schemas/gateway/guardrails/kind.ts'
import { compileGuard } from '#schemas/gateway/guardrails/kinds.ts'
import { through } from '#schemas/gateway/guardrails/passage.ts'
import { tokensOfCharacters } from './estimate.ts'
import { Pseudonyms } from './pseudonyms.ts'

const nothing: Tried = { found: [], masked: null, back: null, score: null, why: [], holds: false }

/** What a guardrail would make of a text; nobody is asked, and nothing is kept. */
export function tryGuard(kind: GuardKindName, options: unknown, text: string, key: Buffer): Tried {
  const check = compileGuard(kind, options)
  switch (check.does) {
    case 'finds': {
      const found: Tried['found'] = []
      const values = new Map<string, string>()
      const pseudonyms = new Pseudonyms(key)
      for (let at = 0; ;) {
        const one = check.finder.next(text, at)
        if (one === null) break
        const { what, start, end } = one
        found.push({ what, start, end })
        at = end
      }
      const masked = through(check.finder, text, (value, what) => {
        if (check.instead !== null) return check.instead
        const known = [...values].find(([, of]) => of === value)?.[0]
        const name = known ?? pseudonyms.of(what, value, (one) => values.has(one))
        values.set(name, value)
        return name
      })
      const back = check.instead === null ? text : masked
      return {
        ...nothing,
        found,
        masked: found.length === 0 ? null : masked,
        back: found.length === 0 ? null : back,
        holds: found.length > 0,
      }
    }
    case 'judges': {
      const { score, why } = check.judge(text)
      return { ...nothing, score, why, holds: score >= check.threshold }
    }
    case 'fits': {
      const why = check.wrong(text)
      return { ...nothing, why: why ?? [], holds: why !== null }
    }
    case 'limits': {
      const tokens = tokensOfCharacters(text.length)
      const isOver = check.input !== null && tokens > check.input
      return { ...nothing, why: [`It is about ${tokens} tokens.`], holds: isOver }
    }
    default: {
      const denied = text.split(/\s+/).filter((tool) => tool !== '' && !check.allows(tool))
      return { ...nothing, why: denied.map((tool) => `“${tool}” is not allowed.`), holds: denied.length > 0 }
    }
  }
}
