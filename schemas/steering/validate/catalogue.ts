import { nearest } from '../../automation/nearest.ts'
import type { Rule } from '../document.ts'
import { dimensions, isPattern, type Dimension } from '../scope.ts'
import type { Finding } from './finding.ts'

/** What there is to be named in rules. A list that is left out is not checked against. */
export type Catalogue = {
  aliases?: readonly string[]
  /** Models by provider; a provider without a list takes any. */
  providers?: Readonly<Record<string, readonly string[] | null>>
  guardrails?: readonly string[]
  regions?: readonly string[]
  /** Headers that rules may see, in small letters. */
  headers?: readonly string[]
  /** Whether a classifier is in force. */
  classifier?: boolean
} & { [dimension in Dimension]?: readonly string[] }

type Path = Finding['path']

/** Names in a rule that nothing goes by. Who a rule is for may yet come to be, so that is a warning. */
export function unknownNames({ for: scope, also, decide }: Rule, path: Path, catalogue: Catalogue): Finding[] {
  const { aliases, providers, guardrails, regions } = catalogue
  const { route, downgrade } = decide ?? {}
  const alias = (name: unknown, key: string) =>
    typeof name === 'string' ? unknown(aliases, name, [...path, 'decide', key], 'unknown_alias', 'route') : []
  const targets = Array.isArray(route) ? route : []
  return [
    ...alias(route, 'route'),
    ...alias(downgrade, 'downgrade'),
    ...targets.flatMap(({ provider, model }, n) => {
      const place = [...path, 'decide', 'route', n]
      const models = providers?.[provider]
      return [
        ...unknown(
          providers && Object.keys(providers),
          provider,
          [...place, 'provider'],
          'unknown_provider',
          'provider',
        ),
        ...unknown(models ?? undefined, model, [...place, 'model'], 'unknown_model', `model of ${provider}`),
      ]
    }),
    ...Object.keys(also?.guardrail ?? {}).flatMap((name) => {
      const found = unknown(guardrails, name, [...path, 'also', 'guardrail', name], 'unknown_guardrail', 'guardrail')
      return found.map((one): Finding => ({
        ...one,
        of: 'key',
        ...(one.write ? { write: { ...one.write, of: 'key' } } : {}),
      }))
    }),
    ...(also?.require?.regions ?? []).flatMap((name, n) =>
      unknown(regions, name, [...path, 'also', 'require', 'regions', n], 'unknown_region', 'region'),
    ),
    ...dimensions.flatMap((dimension) =>
      (scope?.[dimension] ?? []).flatMap((name, n) => {
        if (isPattern(name) && dimension === 'models') return []
        const found = unknown(
          catalogue[dimension],
          name,
          [...path, 'for', dimension, n],
          'unknown_scope',
          words[dimension],
        )
        return found.map((one): Finding => ({ ...one, level: 'warning' }))
      }),
    ),
  ]
}

const words: Record<Dimension, string> = { keys: 'key', users: 'person', teams: 'team', tags: 'tag', models: 'model' }

const unknown = (
  known: readonly string[] | undefined,
  name: string,
  path: Path,
  code: Finding['code'],
  word: string,
): Finding[] => {
  if (known === undefined || known.includes(name)) return []
  const meant = nearest(name, known)
  const hint = meant === undefined ? '' : ` Did you mean “${meant}”?`
  const message = `There is no ${word} “${name}”.${hint}`
  return [{ code, path, message, ...(meant === undefined ? {} : { write: { as: meant } }) }]
}
