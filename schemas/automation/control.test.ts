import { expect, test } from 'vitest'
import { chain, definition, http, play } from '#test/harness/played.ts'
import { refusalOf, type Control } from './control.ts'

const by = { id: 'usr_1', name: 'Lee' }
const def = definition(
  [
    { id: 'start', kind: 'start' },
    http('before', { title: 'Look it up' }),
    { id: 'each', kind: 'loop', with: { items: [1, 2] } },
    http('inner', { within: 'each' }),
    { id: 'par', kind: 'parallel', within: 'each', with: { branches: [{ port: 'x' }], until: 'all' } },
    http('deep', { within: 'par' }),
    { id: 'end', kind: 'end' },
  ],
  [
    ...chain('start', 'before', 'each', 'end'),
    { from: 'each', port: 'each', to: 'inner' },
    ...chain('inner', 'par'),
    { from: 'par', port: 'x', to: 'deep' },
  ],
  {
    variables: [
      { name: 'n', type: 'number' },
      { name: 'all', type: 'list' },
      { name: 'free', type: 'any' },
    ],
  },
)

/** What a run says to each wish, `at` so many ms of its time; each call outside takes 10. */
const said = async (at: number, ...wishes: Record<string, unknown>[]): Promise<(string | undefined)[]> => {
  const answers: (string | undefined)[] = []
  await play(def, undefined, {}, (engine, host) => {
    host.at(at, () => answers.push(...wishes.map((wish) => refusalOf(engine, { by, ...wish } as Control))))
  })
  return answers
}
const skip = (step: string) => ({ do: 'skip', step })
const set = (variable: string, value: unknown) => ({ do: 'set', variable, value })

test('a step is skipped while it is at work or yet to come', async () => {
  expect(await said(5, skip('before#0'), skip('inner#1'), skip('deep#2'), skip('each#0'))).toEqual(
    Array(4).fill(undefined),
  )
})

test('an approval is skipped once it has asked, and says which way; what goes several ways says so too', async () => {
  const asks = definition(
    [
      { id: 'start', kind: 'start' },
      http('before'),
      { id: 'ap', kind: 'approval', title: 'Pay?', with: { ask: 'Pay?' } },
    ],
    chain('start', 'before', 'ap'),
  )
  const answers: (string | undefined)[] = []
  await play(asks, undefined, {}, (engine, host) => {
    const wish = (more: object) => {
      answers.push(refusalOf(engine, { by, do: 'skip', step: 'ap#0', ...more }))
    }
    host.at(5, () => wish({ way: 'approved' }))
    host.at(5000, () => {
      wish({})
      wish({ way: 'approved' })
      wish({ way: 'out' })
      engine.stop()
    })
  })
  expect(answers).toEqual([
    '“Pay?” has asked nobody yet: skip it when it has.',
    '“Pay?” goes several ways: say by which to go on: approved, rejected.',
    undefined,
    '“Pay?” has no way out called “out”: approved, rejected.',
  ])
})

test('what is no step, is through, or names a turn that cannot be, is refused with why', async () => {
  expect(await said(5, skip('nobody#0'), skip('nobody'), skip('end#0'), skip('before#1'), skip('deep#0'))).toEqual([
    'There is no step “nobody” in the version that runs.',
    'There is no step “nobody” in the version that runs.',
    '“end” is nothing that can be skipped.',
    '“Look it up” stands in no loop: call it before#0.',
    '“deep” is in a loop: say in which turn, such as deep#1.',
  ])
  // the second turn: its first step is at work, all of the first turn is over
  expect(await said(35, skip('before#0'), skip('inner#2'), skip('inner#1'))).toEqual([
    '“Look it up” is through already.',
    undefined,
    '“inner” is through already.',
  ])
})

test('a turn that a run of its own works through is skipped there, and not without effect here', async () => {
  const items = Array.from({ length: 600 }, (_, n) => n)
  const paged = { ...def, nodes: def.nodes.map((one) => (one.id === 'each' ? { ...one, with: { items } } : one)) }
  const answers: (string | undefined)[] = []
  await play(paged, undefined, {}, (engine, host) => {
    host.at(15, () =>
      answers.push(...[skip('deep#3'), skip('each#0')].map((wish) => refusalOf(engine, { by, ...wish } as Control))),
    )
  })
  expect(answers).toEqual([
    'The turns of “each” are worked through by runs of their own: skip “deep” in the one that has this turn.',
    undefined,
  ])
})

test('a turn asked to be skipped before its loop began is skipped in the run that works it through', async () => {
  const items = Array.from({ length: 1200 }, (_, n) => n)
  const paged = { ...def, nodes: def.nodes.map((one) => (one.id === 'each' ? { ...one, with: { items } } : one)) }
  const { begun } = await play(paged, undefined, {}, (engine, host) => {
    host.at(5, () => ['inner#2', 'inner#501', 'deep#1200'].forEach((step) => engine.skip(step)))
  })
  const missing = ['inner', 'deep']
    .flatMap((node) => items.map((n) => `${node}#${n + 1}`))
    .filter((step) => !begun.includes(`${step} http.request`))
  expect(missing).toEqual(['inner#2', 'inner#501', 'deep#1200'])
})

test('a variable takes what it was declared for, or nothing', async () => {
  expect(await said(5, set('n', 7), set('n', null), set('all', []), set('free', { any: 1 }))).toEqual(
    Array(4).fill(undefined),
  )
  expect(await said(5, set('n', 'seven'), set('all', { 0: 1 }), set('other', 1), set('toString', 1))).toEqual([
    '“n” holds a number, and this is a text.',
    '“all” holds a list, and this is an object.',
    'There is no variable “other”.',
    'There is no variable “toString”.',
  ])
})

test('a run is resumed or stepped while it is paused, and paused while it is not', async () => {
  expect(await said(5, { do: 'pause' }, { do: 'resume' }, { do: 'step' })).toEqual([
    undefined,
    'This run is not paused.',
    'This run is not paused.',
  ])
})
