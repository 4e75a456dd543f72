import { titleOf, type Definition, type Node } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import { canGoOn, type Kind } from '../kind.ts'
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
  return (Object.keys(unheeded) as Policy[])
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
}

const sentence = (kind: Kind, policy: Policy): string =>
  policy === 'continueOnError' && !kind.fails ? 'never fails.' : unheeded[policy].why

/** A limit that says no number: it would be one at a time, which is a policy of its own. */
export function limitProblems({ settings }: Definition): Problem[] {
  const { policy, limit } = settings?.concurrency ?? {}
  if (policy !== 'limit' || limit !== undefined) return []
  const path = '/settings/concurrency/limit'
  return [
    {
      code: 'field_missing',
      level: 'error',
      path,
      message: '“Runs at once” is limited, and does not say to how many.',
      fix: { title: 'One at a time', apply: [{ do: 'set', node: null, path, value: 1 }] },
    },
  ]
}
