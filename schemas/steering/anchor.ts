import type { ASTNode } from '@marcbachmann/cel-js'
import { conjuncts } from './conditions.ts'
import { literal, literalTexts, reading } from './readings.ts'
import type { Rule } from './document.ts'
import { isPattern, type Dimension } from './scope.ts'
import type { Scene } from './scene.ts'

/**
 * A rule that can only hold for requests of a certain kind is found by that: by who asks, or by what is asked for. So a
 * decision looks at the rules of its own key and model and not at all of them.
 */
export type Anchor = { tables: readonly Table[]; values: readonly string[]; from: Dimension | ASTNode }

export type Table = keyof typeof tables

/** What requests are looked up by. */
export const tables = {
  'key.id': ({ key }: Scene) => key.id,
  'key.name': ({ key }: Scene) => key.name,
  'user.id': ({ user }: Scene) => user.id,
  'user.email': ({ user }: Scene) => user.email,
  'team.id': ({ team }: Scene) => team.id,
  'team.name': ({ team }: Scene) => team.name,
  'key.tags': ({ key }: Scene) => key.tags,
  tags: (scene: Scene) => scene.tags,
  'request.model': ({ request }: Scene) => request.model,
} as const

const ofDimension: Record<Dimension, readonly Table[]> = {
  keys: ['key.id', 'key.name'],
  users: ['user.id', 'user.email'],
  teams: ['team.id', 'team.name'],
  tags: ['tags'],
  models: ['request.model'],
}

/** The tables from the one that parts requests most to the one that does so least. */
const order = Object.keys(tables)

/** What a rule is best found by, or null for one that may hold for any request. */
export function anchorOf({ for: scope = {} }: Rule, condition: ASTNode | null): Anchor | null {
  const found: Anchor[] = []
  for (const [dimension, values] of Object.entries(scope) as [Dimension, string[] | undefined][])
    if (values !== undefined && !values.some((one) => dimension === 'models' && isPattern(one)))
      found.push({ tables: ofDimension[dimension], values, from: dimension })
  for (const part of condition === null ? [] : conjuncts(condition)) {
    const named = equality(part)
    if (named !== null) found.push({ ...named, from: part })
  }
  const rank = ({ tables: [first = '' as Table] }: Anchor) => order.indexOf(first)
  return found.sort((a, b) => rank(a) - rank(b))[0] ?? null
}

/** `request.model == "a"`, `request.model in ["a", "b"]` and `"a" in tags`. */
const equality = (node: ASTNode): Pick<Anchor, 'tables' | 'values'> | null => {
  if (node.op === '==') {
    const [left, right] = node.args
    return named(left, literal(right)) ?? named(right, literal(left))
  }
  if (node.op !== 'in') return null
  const [one, list] = node.args
  return named(one, literalTexts(list), 'string') ?? named(list, literal(one), 'list<string>')
}

const named = (node: ASTNode, said: unknown, type = 'string'): Pick<Anchor, 'tables' | 'values'> | null => {
  const found = reading(node)
  const table = found?.path.join('.') ?? ''
  if (found?.type !== type || !Object.hasOwn(tables, table)) return null
  const values = Array.isArray(said) ? (said as string[]) : typeof said === 'string' ? [said] : null
  return values === null ? null : { tables: [table as Table], values }
}
