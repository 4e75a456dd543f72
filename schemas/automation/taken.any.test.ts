import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { chain, definition } from '#test/harness/played.ts'
import { failedIn, playTaken, takeFrom, type Played } from '#test/harness/retaken.ts'
import type { Definition, Edge, Json, Node } from './definition.ts'
import { keyOf } from './engine/host.ts'
import { containersOf, type Step } from './taken.ts'

type Part = { kind: 'call' | 'set' } | { kind: 'each' | 'while' | 'both'; inner: Part[]; n: number; atOnce: number }

const part: fc.Arbitrary<Part> = fc.letrec<{ part: Part; inner: Part[] }>((tie) => ({
  inner: fc.array(tie('part'), { minLength: 1, maxLength: 3, depthIdentifier: 'parts' }),
  part: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'parts' },
    fc.constantFrom<Part>({ kind: 'call' }, { kind: 'call' }, { kind: 'set' }),
    fc.record({
      kind: fc.constantFrom('each' as const, 'while' as const, 'both' as const),
      inner: tie('inner'),
      n: fc.integer({ min: 1, max: 3 }),
      atOnce: fc.integer({ min: 1, max: 3 }),
    }),
  ),
})).part

/** A drawing of these parts, one behind the other; what is set is set by one after the other, so that order decides nothing. */
const drawn = (parts: Part[]): Definition => {
  const nodes: Node[] = [{ id: 'start', kind: 'start' }]
  const edges: Edge[] = []
  let count = 0
  const setsIn = (all: Part[]): boolean =>
    all.some((one) => one.kind === 'set' || ('inner' in one && setsIn(one.inner)))
  const line = (all: Part[], within: string | undefined, from: Edge, sets: boolean, sees: string[]): string => {
    let edge = from
    let last = from.from
    for (const one of all) {
      const id = `n${++count}`
      const place = within === undefined ? {} : { within }
      const seen = sees.map((name) => `string(${name})`).concat(within === undefined ? [] : ['string(vars.n)'])
      if (one.kind === 'call')
        nodes.push({
          id,
          kind: 'http',
          with: { url: { cel: ['"u"', ...(sets ? seen : seen.slice(0, -1))].join(' + ') } },
          ...place,
        })
      else if (one.kind === 'set' && sets)
        nodes.push({ id, kind: 'set', with: { values: { n: { cel: 'vars.n + 1.0' } } }, ...place })
      else if (!('inner' in one)) nodes.push({ id, kind: 'map', with: { items: [1], to: 1 }, ...place })
      else if (one.kind === 'both') {
        const ports = ['x', 'y'].slice(0, Math.min(one.n, 2))
        nodes.push({
          id,
          kind: 'parallel',
          with: { branches: ports.map((port) => ({ port })), until: 'all' },
          ...place,
        })
        for (const port of ports) line(one.inner, id, { from: id, port, to: '' }, false, sees)
      } else {
        const inTurn = sets && (one.kind === 'while' || one.atOnce === 1)
        const fields: Record<string, Json> =
          one.kind === 'each'
            ? {
                items: Array.from({ length: one.n }, (_, n) => n),
                concurrency: setsIn(one.inner) && inTurn ? 1 : one.atOnce,
              }
            : { over: 'while', while: { cel: `index < ${one.n}` }, most: 9 }
        nodes.push({ id, kind: 'loop', with: fields, ...place })
        line(one.inner, id, { from: id, port: 'each', to: '' }, inTurn, [...sees, 'index'])
      }
      edges.push({ ...edge, to: id })
      edge = { from: id, to: '' }
      last = id
    }
    return last
  }
  const last = line(parts, undefined, { from: 'start', to: '' }, true, [])
  nodes.push({ id: 'end', kind: 'end' })
  edges.push(...chain(last, 'end'))
  const all = nodes.filter(({ within, kind }) => within === undefined && kind !== 'start' && kind !== 'end')
  const output = { n: { cel: 'vars.n' }, ...Object.fromEntries(all.map(({ id }) => [id, { cel: `steps.${id}` }])) }
  return definition(nodes, edges, { output, variables: [{ name: 'n', type: 'number', initial: 0 }] })
}

/** What a run came to, but for which of two branches was through first. */
const untimed = ({ end }: Played): unknown =>
  JSON.parse(
    JSON.stringify((end as { output?: Json }).output ?? null, (name, value: unknown) => (name === 'first' ? 0 : value)),
  )

test('a run that goes on from any step comes to what one from the start comes to, and does nothing again that came before', async () => {
  let inner = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.boolean(),
      async (parts, pick, breaks) => {
        const def = drawn(parts)
        const wanted = await playTaken(def)
        fc.pre(wanted.reached.length > 0)
        const at = wanted.reached[pick % wanted.reached.length] as string
        const before = breaks ? await playTaken(def, (step) => step === at) : wanted
        const [node = '', iteration = '0'] = at.split('#')
        const from = breaks ? failedIn(before) : { node, iteration }
        if (from.iteration !== '0') inner++
        const { seed, taken } = await takeFrom(def, before, from)
        const again = await playTaken(def, undefined, seed)
        expect([again.end.end, untimed(again)]).toEqual(['completed', untimed(wanted)])
        expect(again.reached).toContain(at)
        // each step once, and none that was taken over
        expect(again.reached.toSorted()).toEqual([...new Set(again.reached)].toSorted())
        expect(again.reached.filter((step) => taken.has(step))).toEqual([])
        if (breaks) {
          const done = before.trace.changes.filter(
            ({ state, node: id }) =>
              state === 'completed' && def.nodes.some((one) => one.id === id && one.kind === 'http'),
          )
          expect(again.reached.filter((step) => done.some((one) => keyOf(one) === step))).toEqual([])
          // all of it is taken over, and shown as such by itself or by what it stands in
          const seeded = new Set(again.trace.changes.filter(({ state }) => state === 'seeded').map(keyOf))
          const shown = (step: Step) => [step, ...containersOf(def, step)].some((one) => seeded.has(keyOf(one)))
          expect(done.filter((step) => !taken.has(keyOf(step)) || !shown(step)).map(keyOf)).toEqual([])
        }
      },
    ),
    { numRuns: 300, seed: 7 },
  )
  expect(inner).toBeGreaterThan(50)
})
