import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyAll } from '#schemas/automation/change.ts'
import type { Definition, Edge, Node } from '#schemas/automation/definition.ts'
import { validate } from '#schemas/automation/validate.ts'
import { definition, http, play } from '#test/harness/played.ts'
import { wrap } from './arrange.ts'
import { asSubflow } from './subflow.ts'

const many = 9
const ports = ['out', 'out', 'out', 'yes', 'else', 'error'] as const
const reads = ['', '', '', '', 'steps.', 'has', 'vars.v', 'input.there', 'input.gone', 'errors.'] as const

/** A random automation without circles: steps that fail or not, decisions of one way or several, what they read, and ends. */
const automations = fc
  .record({
    size: fc.integer({ min: 2, max: many }),
    links: fc.array(fc.tuple(fc.nat(many - 1), fc.nat(many - 1), fc.constantFrom(...ports)), {
      minLength: 4,
      maxLength: 16,
    }),
    what: fc.array(
      fc.constantFrom('http', 'http', 'http', 'http', 'decision', 'all', 'end', 'raise', 'set', 'undo', 'on'),
      {
        minLength: many,
        maxLength: many,
      },
    ),
    ways: fc.array(fc.boolean(), { minLength: many, maxLength: many }),
    read: fc.array(fc.tuple(fc.constantFrom(...reads), fc.nat(many - 1)), { minLength: many, maxLength: many }),
    fails: fc.array(fc.nat(many - 1), { maxLength: 2 }),
    result: fc.option(fc.nat(many - 1)),
    looped: fc.boolean(),
    chosen: fc.uniqueArray(fc.nat(many - 1), { minLength: 1, maxLength: 4 }),
    length: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ size, links, what, ways, read, fails, result, looped, chosen, length }) => {
    const within = looped ? { within: 'turns' } : {}
    const nodes: Node[] = [{ id: 'start', kind: 'start' }]
    if (looped) nodes.push({ id: 'turns', kind: 'loop', with: { items: [1, 2] } })
    for (let n = 0; n < size; n++) {
      const [form, m] = read[n] as [(typeof reads)[number], number]
      const cel = celOf(form, m % size)
      const id = `n${n}`
      const kind = what[n]
      if (kind === 'decision' || kind === 'all')
        nodes.push({
          id,
          kind: 'decision',
          with: {
            cases: [
              { port: 'yes', when: ways[n] as boolean },
              { port: 'out', when: ways[(n + 1) % many] as boolean },
            ],
            match: kind === 'all' ? 'all' : 'first',
          },
          ...within,
        })
      else if (kind === 'end' && n > 2) nodes.push({ id, kind: 'end', with: { outcome: id }, ...within })
      else if (kind === 'raise' && n > 3)
        nodes.push({ id, kind: 'raise', with: { code: 'no', message: id }, ...within })
      else if (kind === 'set') nodes.push({ id, kind: 'set', with: { values: { v: n } }, ...within })
      else
        nodes.push(
          http(id, {
            with: { url: cel === null ? id : { text: `${id}/{{ ${cel} }}` } },
            ...(kind === 'undo' ? { undo: { operation: 'sheets.remove' } } : {}),
            ...(kind === 'on' ? { continueOnError: true } : {}),
            ...within,
          }),
        )
    }
    const edges: Edge[] = looped
      ? [
          { from: 'start', to: 'turns' },
          { from: 'turns', port: 'each', to: 'n0' },
        ]
      : [{ from: 'start', to: 'n0' }]
    // most stand in a row, so that there is much to choose from
    for (let n = 1; n < size; n++) if (ways[n] === true) edges.push({ from: `n${n - 1}`, to: `n${n}` })
    for (const [a, b, port] of links) {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      if (from !== to && to < size) edges.push({ from: `n${from}`, port, to: `n${to}` })
    }
    const first = (chosen[0] ?? 0) % size
    const ids = chosen.length > 2 ? chosen.filter((n) => n < size) : Array.from({ length }, (_, at) => first + at)
    return {
      def: definition(nodes, edges, {
        variables: [{ name: 'v', type: 'any', initial: 0 }],
        ...(result === null || looped ? {} : { output: { it: { cel: celOf('steps.', result % size) ?? '1' } } }),
        ...(looped ? { output: { turns: { cel: result === null ? '1' : 'string(json(steps.turns))' } } } : {}),
      }),
      fails: new Set(fails.map((n) => `n${n}`)),
      ids: ids.filter((n) => n < size).map((n) => `n${n}`),
    }
  })

const celOf = (form: (typeof reads)[number], m: number): string | null => {
  if (form === '') return null
  if (form === 'has') return `has(steps.n${m}) ? "there" : "gone"`
  if (form === 'steps.' || form === 'errors.') return `json(${form}n${m})`
  return form === 'vars.v' ? 'json(vars.v)' : `json(${form})`
}

/** What somebody outside sees of a run: what was asked of the world, in which turn, and how it ended. */
const seen = async (def: Definition, fails: ReadonlySet<string>, others: Record<string, Definition> = {}) => {
  const asked: string[] = []
  const { end } = await play(
    def,
    (url) => {
      asked.push(url)
      const [id = ''] = url.split('/')
      return { ms: 1 + Number(id.slice(1)) * 7, give: url, ...(fails.has(id) ? { fail: 'planned' } : {}) }
    },
    { input: { there: 1 } },
    undefined,
    undefined,
    others,
  )
  if (end.end !== 'completed') return { end: end.end }
  return { end: end.end, outcome: end.outcome, output: end.output, asked: asked.toSorted() }
}

/** What the validation refuses anyway is no automation that runs. */
const runs = (def: Definition): boolean =>
  validate(def).every(({ level, code }) => level !== 'error' || code === 'no_end')

test('an automation of which a part was made one of its own does what it did, or it was refused', async () => {
  let made = 0
  await fc.assert(
    fc.asyncProperty(automations, async ({ def, fails, ids }) => {
      fc.pre(runs(def))
      const part = asSubflow(def, ids, 'Part')
      if ('refused' in part) {
        expect(part.refused).toMatch(/^[A-Z“].+\.$/)
        return
      }
      made += 1
      const after = applyAll(def, part.replace('part').changes)
      expect(await seen(after, fails, { part: part.definition })).toEqual(await seen(def, fails))
    }),
    { numRuns: 200, seed: 7 },
  )
  expect(made).toBeGreaterThan(20)
})

test('an automation of which steps were wrapped does what it did, or it was refused', async () => {
  let made = 0
  await fc.assert(
    fc.asyncProperty(
      automations,
      fc.constantFrom('loop' as const, 'parallel' as const),
      async ({ def, fails, ids }, kind) => {
        fc.pre(runs(def))
        const act = wrap(def, ids, kind)
        if (act.refused !== undefined) {
          expect(act.refused).toMatch(/^[A-Z“].+\.$/)
          return
        }
        made += 1
        const [block] = act.ids ?? []
        const after = applyAll(def, act.changes)
        const filled: Definition = {
          ...after,
          nodes: after.nodes.map((node) =>
            node.id === block && kind === 'loop' ? { ...node, with: { ...node.with, items: ['once'] } } : node,
          ),
        }
        expect(await seen(filled, fails)).toEqual(await seen(def, fails))
      },
    ),
    { numRuns: 200, seed: 7 },
  )
  expect(made).toBeGreaterThan(20)
})
