import { compileGuard } from '#schemas/gateway/guardrails/kinds.ts'
import { lookAtInput } from '#activities/gateway/relay/guard-input.ts'
import { Seen } from '#activities/gateway/relay/guard-seen.ts'
import { Texts } from '#activities/gateway/relay/guard-texts.ts'
import { guardsOf } from '#activities/gateway/relay/guards.ts'
import { readAsked } from '#activities/gateway/relay/asked.ts'
import { Pseudonyms } from '#activities/gateway/relay/pseudonyms.ts'
import { quantile, report } from './figure.ts'

/** What guardrails add to a request: one that finds something, one that finds nothing, and none at all. */
const pseudonyms = new Pseudonyms(Buffer.alloc(32, 1))
const guard = (kind: 'pii' | 'injection') => ({
  id: 'grd_1',
  name: kind,
  kind,
  input: true,
  output: true,
  check: compileGuard(kind, {}),
})
const sentence =
  'The customer came by at noon and asked for the price of the blue one; we said that it is 21,500 dollars. '
const person = 'Write to bob.lee@example.com or call (503) 555-2142. '
const body = (length: number, holds: boolean) => {
  const text = (holds ? person : '') + sentence.repeat(Math.ceil(length / sentence.length))
  return Buffer.from(JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: text.slice(0, length) }] }))
}
const time = (rounds: number, act: () => void): number[] => {
  for (let n = 0; n < rounds / 4; n++) act()
  return Array.from({ length: rounds }, () => {
    const began = performance.now()
    act()
    return (performance.now() - began) * 1000
  })
}
const tell = (metric: string, times: readonly number[]) => {
  for (const q of [0.5, 0.99])
    report({
      bench: 'gateway-guardrails',
      metric: `${metric}_p${q * 100}`,
      value: quantile(times, q),
      unit: 'us',
      n: times.length,
    })
}

for (const kind of ['pii', 'injection'] as const)
  for (const [name, length] of [
    ['1kb', 1_000],
    ['50kb', 50_000],
  ] as const)
    for (const holds of kind === 'pii' ? [false, true] : [false]) {
      const asked = readAsked('chat', body(length, holds))
      if ('why' in asked) throw new Error(asked.why)
      const one = guard(kind)
      const times = time(length > 10_000 ? 400 : 4_000, () => {
        const seen = [new Seen({ guard: one, act: 'mask' })]
        lookAtInput(asked, seen, new Texts(seen, pseudonyms), null)
      })
      tell(`${kind}_${name}${holds ? '_found' : ''}`, times)
    }

const way = {
  steered: null,
  alias: null,
  route: { targets: [], routing: {} as never },
  settings: null,
  guardrails: null,
  caching: null,
  refusal: null,
}
const rounds = 1_000_000
const none = time(20, () => {
  for (let n = 0; n < rounds; n++) guardsOf({ guards: null }, way)
})
report({
  bench: 'gateway-guardrails',
  metric: 'none_ns',
  value: (quantile(none, 0.5) * 1000) / rounds,
  unit: 'ns',
  n: none.length,
})
