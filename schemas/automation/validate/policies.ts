import { titleOf, type Definition, type Node } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import { canGoOn, type Kind } from '../kind.ts'
import { durationMs } from '../duration.ts'
import type { Problem } from '../problem.ts'

type Policy = 'retry' | 'cache' | 'continueOnError'

const unheeded: Record<Policy, { level: Problem['level']; heeds(kind: Kind, node: Node): boolean; why: string }> = {
  // it does no harm, and what stands in a block may be tried again all the same
  retry: {
    level: 'warning',
    heeds: (kind) => kind.can?.retry === true,
    why: 'is not tried again as a whole; steps that reach outside are, each by itself.',
  },
  cache: {
    level: 'error',
    heeds: (kind) => kind.can?.cache === true,
    why: 'is done anew each time: what it gave cannot be remembered.',
  },
  continueOnError: {
    level: 'error',
    heeds: canGoOn,
    why: 'has several ways to go on, so it cannot just go on when it fails. Say by “On error” where that leads.',
  },
}

/** What a node is told to do when things go wrong, and its kind cannot. */
export function policyProblems(node: Node): Problem[] {
  const kind = kindOf(node.kind)
  if (kind === undefined) return []
  return [...noTime(node.timeout, `“${titleOf(node)}”`, { node: node.id }, '/timeout'), ...unheededBy(kind, node)]
}

const unheededBy = (kind: Kind, node: Node): Problem[] =>
  (Object.keys(unheeded) as Policy[])
    .filter((policy) => node[policy] !== undefined && node[policy] !== false)
    .filter((policy) => !unheeded[policy].heeds(kind, node))
    .map((policy) => ({
      code: 'policy_unheeded',
      level: unheeded[policy].level,
      node: node.id,
      path: `/${policy}`,
      message: `“${titleOf(node)}” ${sentence(kind, policy)}`,
      fix: { title: 'Remove it', apply: [{ do: 'set', node: node.id, path: `/${policy}` }] },
    }))

const sentence = (kind: Kind, policy: Policy): string =>
  policy === 'continueOnError' && !kind.fails ? 'never fails.' : unheeded[policy].why

/** A time limit of nothing: all that has it fails at once. */
const noTime = (timeout: unknown, name: string, of: { node?: string }, path: string): Problem[] =>
  typeof timeout === 'string' && durationMs(timeout) === 0
    ? [
        {
          ...of,
          code: 'field_invalid',
          level: 'error',
          path,
          message: `The time limit of ${name} is ${timeout}: it would always be over.`,
        },
      ]
    : []

/** Limits of a whole run: one of no time, and one that says no number: it would be one at a time, which is a policy of its own. */
export function limitProblems({ settings }: Definition): Problem[] {
  const { policy, limit } = settings?.concurrency ?? {}
  const over = noTime(settings?.timeout, 'the whole run', {}, '/settings/timeout')
  if (policy !== 'limit' || limit !== undefined) return over
  const path = '/settings/concurrency/limit'
  return [
    ...over,
    {
      code: 'field_missing',
      level: 'error',
      path,
      message: '“Runs at once” is limited, and does not say to how many.',
      fix: { title: 'One at a time', apply: [{ do: 'set', node: null, path, value: 1 }] },
    },
  ]
}
