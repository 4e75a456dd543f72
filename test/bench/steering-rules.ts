import type { Rule, SteeringDocument } from '#schemas/steering/document.ts'

export const keys = 200
export const models = ['gpt-5', 'gpt-5-mini', 'claude', 'mistral', 'small', 'large']
export const words = 'lease price service contract test drive tyre winter offer trade insurance warranty invoice'.split(
  ' ',
)

/** A generator of numbers from 0 to 1, the same in every run (Park and Miller). */
let seed = 20_261_122
export const random = (): number => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed / 2_147_483_647
}
export const upTo = (n: number): number => Math.floor(random() * n)
export const oneOf = <T>(list: readonly T[]): T => list[upTo(list.length)] as T

const kinds: ((n: number) => Omit<Rule, 'id'>)[] = [
  (n) => ({ for: { keys: [`key_${n % keys}`] }, when: 'request.maxTokens > 4000', decide: { route: 'large' } }),
  (n) => ({ for: { teams: [`team-${n % 20}`] }, when: 'budget.team.used > 0.95', decide: { downgrade: 'small' } }),
  (n) => ({ when: `request.model == "${oneOf(models)}" && key.name == "app-${n}"`, decide: { route: 'large' } }),
  (n) => ({ when: `key.id in ["key_${n % keys}", "key_${(n * 7) % keys}"] && request.images`, decide: { keep: true } }),
  (n) => ({ when: `budget.used > 0.9${n % 10} && now.hour > 21`, decide: { downgrade: 'small' } }),
  (n) => ({ when: `"tag-${n % 50}" in tags`, also: { tag: [`cost-${n % 9}`], guardrail: { pii: 'mask' } } }),
  (n) => ({ when: `prompt.text.contains("${oneOf(words)} ${n}")`, decide: { route: 'large' } }),
  (n) => ({ when: `prompt.tokens > ${20_000 + n} || prompt.turns > 90`, decide: { route: 'long' } }),
  (n) => ({
    when: `request.tools.exists(t, t.startsWith("tool-${n}"))`,
    also: { require: { capabilities: ['tools'] } },
  }),
  (n) => ({ for: { models: ['gpt-*'] }, when: `headers["x-tier"] == "tier-${n}"`, also: { set: { effort: 'low' } } }),
  () => ({ when: 'now.zoned("Asia/Tokyo").hour < 3 && request.stream && !request.images', also: { cache: 'exact' } }),
  // what is left to the expression language: one in twelve
  (n) => ({
    when: `user.email.split("@")[1] == "d${n}.example" ? true : team.name + "x" == "y"`,
    decide: { keep: true },
  }),
]

/** Rules of all kinds, most of which do not hold, so that nearly all are looked at. */
export const documentOf = (count: number): SteeringDocument => ({
  name: `${count} rules`,
  rules: Array.from({ length: count }, (_, n) => ({
    id: `r${n}`,
    ...(kinds[n % kinds.length] as (n: number) => Omit<Rule, 'id'>)(n),
  })),
})
