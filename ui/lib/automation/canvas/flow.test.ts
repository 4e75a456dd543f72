import { expect, test, vi } from 'vitest'
import { applyAll } from '#schemas/automation/change.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { nothingOver } from '../overlay.ts'
import { sample } from '../sample.ts'
import { flowMaker } from './flow.ts'

// its components want a browser; only the words for the sides are needed here
vi.mock('@xyflow/svelte', () => ({ Position: { Top: 'top', Bottom: 'bottom', Right: 'right' } }))

const shown = (definition: Definition, chosen: readonly string[] = []) => ({
  definition,
  chosen: new Set(chosen),
  active: undefined,
  problems: [],
  overlay: nothingOver,
})

test('a step says the name that the next one has now', () => {
  const maker = flowMaker()
  const said = (definition: Definition) => maker.nodes(shown(definition)).find(({ id }) => id === 'start')?.ariaLabel
  expect(said(sample())).toBe('start, Start, leads to Read')
  const renamed = applyAll(sample(), [{ do: 'set', node: 'read', path: '/title', value: 'Read the lead' }])
  expect(said(renamed)).toBe('start, Start, leads to Read the lead')
})

test('a step that a run went past because it is switched off is said to be off, once', () => {
  const off = applyAll(sample(), [{ do: 'set', node: 'read', path: '/disabled', value: true }])
  const overlay = { ...nothingOver, nodes: new Map([['read', { state: 'disabled' as const }]]), ofRun: true }
  const said = (over: typeof nothingOver) =>
    flowMaker()
      .nodes({ ...shown(off), overlay: over })
      .find(({ id }) => id === 'read')?.ariaLabel
  expect(said(overlay)).toMatch(/^Read, [^,]+, off, leads to/)
  expect(said(nothingOver)).toMatch(/^Read, [^,]+, disabled, leads to/)
})

test('a step that says the same is not drawn anew', () => {
  const maker = flowMaker()
  const [before] = maker.nodes(shown(sample()))
  expect(maker.nodes(shown({ ...sample(), nodes: sample().nodes }))[0]).not.toBe(before)
  const same = sample()
  const first = maker.nodes(shown(same))
  expect(maker.nodes(shown({ ...same, edges: [...same.edges] }))).toEqual(first)
  expect(maker.nodes(shown({ ...same, edges: [...same.edges] }))[0]).toBe(first[0])
})

test('a folded group is shown as chosen when what is folded away in it is', () => {
  const folded: Definition = {
    ...sample(),
    groups: [{ id: 'group', title: 'Reading', nodes: ['read', 'ask'], collapsed: true }],
  }
  const group = (chosen: readonly string[]) => flowMaker().nodes(shown(folded, chosen))[0]
  expect(group(['read', 'ask'])).toMatchObject({
    ariaLabel: 'Group Reading, 2 steps, folded, chosen',
    data: { chosen: true },
  })
  expect(group(['read'])).toMatchObject({ data: { chosen: false } })
})
