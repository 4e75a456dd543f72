import type { DrawnRule } from './rules.ts'

const list = new Intl.ListFormat('en', { type: 'disjunction' })

/** What a rule decides, in a few words. */
export function decided({ decide }: DrawnRule): string {
  if (decide === undefined) return 'decides nothing'
  const { route, downgrade, deny, keep } = decide
  if (deny !== undefined) return `deny: ${reasonOf(deny)}`
  if (typeof downgrade === 'string') return `downgrade to ${downgrade}`
  if (typeof route === 'string') return `route to ${route}`
  if (Array.isArray(route)) return `send to ${list.format(route.map(({ provider, model }) => `${provider}/${model}`))}`
  return keep === true ? 'keep what is asked for' : 'decides nothing'
}

/** It may not be written yet. */
const reasonOf = ({ reason = '' }: { reason?: string }): string => reason

/** What a rule adds, in a few words each. */
export function added({ also = {} }: DrawnRule): string[] {
  const { tag, set, require, weights, cache, guardrail } = also
  return [
    ...(Array.isArray(tag) ? [`tags ${tag.join(', ')}`] : []),
    ...Object.entries(set ?? {}).map(([name, to]) => `${name} ${typeof to === 'object' ? `= ${to.cel}` : String(to)}`),
    ...(require === undefined ? [] : ['requires capabilities']),
    ...(weights === undefined ? [] : ['weights']),
    ...(cache === undefined ? [] : ['cache']),
    ...(guardrail === undefined ? [] : ['guardrails']),
  ]
}
