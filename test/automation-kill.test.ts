import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Definition, Edge, JsonObject, Node } from '#schemas/automation/definition.ts'
import type { Run, RunCanvas } from '#schemas/runs.ts'
import { chain, code, drawing, install } from './harness/drawn.ts'
import { untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'

/** How often a worker is killed, and how many stand at once. */
const kills = 50
const standing = 3
const enough = 280_000

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
  await sandboxAt(platform.sandboxUrl).turn('crm', { rateLimit: 1_000_000, latencyMs: 300 })
})
afterAll(() => platform[Symbol.asyncDispose]())

const task = (id: string, title: string, more: Partial<Node> = {}): Node => ({
  id,
  kind: 'action',
  with: { operation: 'crm.create_task', input: { title: { text: title } } },
  ...more,
})
const end = (cel: string): Node => ({ id: 'end', kind: 'end', with: { output: { all: { cel } } } })

/** Each leaves tasks in the CRM, titled by what run they are of and where in it. */
const corpus: Record<string, Definition> = {
  line: drawing(
    [
      code('a', 'return input.n + 1', { n: { cel: 'input.n' } }),
      task('first', '{{ input.tag }} first'),
      code('b', 'return input.n * 3', { n: { cel: 'steps.a' } }),
      task('second', '{{ input.tag }} second'),
      end('[steps.a, steps.b]'),
    ],
    chain('start', 'a', 'first', 'b', 'second', 'end'),
  ),
  loop: drawing(
    [
      {
        id: 'each',
        kind: 'loop',
        with: { items: [1, 2, 3, 4, 5, 6], concurrency: 2, collect: { cel: 'steps.twice' } },
      },
      { ...code('twice', 'return input.n * 2', { n: { cel: 'item' } }), within: 'each' },
      task('note', '{{ input.tag }} item {{ item }}', { within: 'each' }),
      end('steps.each'),
    ],
    [
      { from: 'start', to: 'each' },
      { from: 'each', port: 'each', to: 'twice' },
      { from: 'twice', to: 'note' },
      { from: 'each', to: 'end' },
    ],
  ),
  branches: drawing(
    [
      { id: 'both', kind: 'parallel', with: { branches: [{ port: 'x' }, { port: 'y' }], until: 'all' } },
      task('left', '{{ input.tag }} left', { within: 'both' }),
      { ...code('right', 'return "r"', {}), within: 'both' },
      { id: 'nap', kind: 'wait', with: { for: 'duration', duration: '1s' } },
      task('last', '{{ input.tag }} last'),
      end('steps.both.branches.y'),
    ],
    [
      { from: 'start', to: 'both' },
      { from: 'both', port: 'x', to: 'left' },
      { from: 'both', port: 'y', to: 'right' },
      ...(chain('both', 'nap', 'last', 'end') satisfies Edge[]),
    ],
  ),
  caught: drawing(
    [
      { ...code('breaks', 'throw new Error("no")'), errors: ['code_failed'] },
      task('instead', '{{ input.tag }} instead'),
      end('errors.breaks.code'),
    ],
    [
      { from: 'start', to: 'breaks' },
      { from: 'breaks', port: 'error:code_failed', to: 'instead' },
      { from: 'breaks', to: 'instead' },
      { from: 'instead', to: 'end' },
    ],
  ),
  parts: drawing(
    [
      {
        id: 'sub',
        kind: 'subflow',
        with: { automation: 'line', input: { n: 4, tag: { text: '{{ input.tag }} part' } } },
      },
      task('after', '{{ input.tag }} after'),
      end('steps.sub.output.all'),
    ],
    chain('start', 'sub', 'after', 'end'),
  ),
}
const titles: Record<string, (tag: string) => string[]> = {
  line: (tag) => [`${tag} first`, `${tag} second`],
  loop: (tag) => [1, 2, 3, 4, 5, 6].map((n) => `${tag} item ${n}`),
  branches: (tag) => [`${tag} left`, `${tag} last`],
  caught: (tag) => [`${tag} instead`],
  parts: (tag) => [`${tag} part first`, `${tag} part second`, `${tag} after`],
}

const begin = async (automation: string, input: JsonObject): Promise<string> => {
  const { status, body } = await platform.post<Run>(`/v1/automations/${automation}/runs`, { input })
  expect(status).toBe(201)
  return body.id
}
const outputOf = async (run: string) => {
  expect(await untilState(platform, run, 'completed', 'failed', 'cancelled')).toBe('completed')
  const { nodes } = await platform.get<RunCanvas>(`/v1/runs/${run}/canvas`)
  return nodes.find(({ node }) => node === 'end')?.output
}
/** The order of kills is drawn by a seed, so that a run of this test can be had again. */
const draw = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

test(
  `while workers are killed ${kills} times, every automation comes to what it comes to undisturbed, and does each thing once`,
  async () => {
    for (const [name, definition] of Object.entries(corpus))
      await install(platform.database.db, platform.ctx, definition, name)
    const undisturbed: Record<string, unknown> = {}
    for (const name of Object.keys(corpus))
      undisturbed[name] = await outputOf(await begin(name, { n: 4, tag: `calm ${name}` }))

    const random = draw(7)
    const first = await platform.start('worker')
    const workers = [
      first,
      ...(await Promise.all(Array.from({ length: standing - 1 }, () => platform.start('worker')))),
    ]
    await platform.kill('worker')
    const runs: { name: string; tag: string; run: string }[] = []
    for (let kill = 0; kill < kills; kill++) {
      const names = Object.keys(corpus)
      for (let n = 0; n < 2; n++) {
        const name = names[(kill * 2 + n) % names.length] as string
        const tag = `kill ${kill}-${n}`
        runs.push({ name, tag, run: await begin(name, { n: 4, tag }) })
      }
      const at = Math.floor(random() * workers.length)
      await platform.end(workers[at]!, 'SIGKILL')
      workers[at] = await platform.start('worker')
    }
    for (const { name, run } of runs) expect([name, await outputOf(run)]).toEqual([name, undisturbed[name]])

    const { tasks } = await sandboxAt(platform.sandboxUrl).truth()
    const seen = tasks
      .map((one) => one.properties['hs_task_subject'] ?? '')
      .filter((title) => title.startsWith('kill '))
    const wanted = runs.flatMap(({ name, tag }) => titles[name]!(tag))
    expect(seen.toSorted()).toEqual(wanted.toSorted())
  },
  enough,
)
