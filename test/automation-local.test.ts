import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WorkflowFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeActivities } from '#activities/automation/code.ts'
import { codePool } from '#activities/automation/code-pool.ts'
import type { Definition, Edge, JsonObject, Node } from '#schemas/automation/definition.ts'
import { exportText } from '#schemas/automation/document.ts'
import { chain, code, drawing } from './harness/drawn.ts'
import { root } from './harness/repository.ts'
import { openStage, type Stage, type StageActivities } from './harness/stage.ts'

let stage: Stage
const pool = codePool()
const folder = mkdtempSync(join(tmpdir(), 'auterity-automation-'))
beforeAll(async () => {
  stage = await openStage(codeActivities({ runCode: pool.run }) as unknown as StageActivities)
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await pool.close()
  rmSync(folder, { recursive: true })
})

/** The command as a user gives it, but for npm. */
const automation = (...args: string[]) =>
  new Promise<{ code: number; out: string; told: string }>((resolve) => {
    execFile(process.execPath, ['deploy/local/automation.ts', ...args], { cwd: root }, (error, out, told) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, told }),
    )
  })
const fileOf = (name: string, definition: Definition): string => {
  const file = join(folder, `${name}.json`)
  writeFileSync(file, exportText(definition))
  return file
}

const end = (output: Record<string, string>, outcome = 'done'): Node => ({
  id: 'end',
  kind: 'end',
  with: {
    outcome,
    output: Object.fromEntries(Object.entries(output).map(([name, cel]) => [name, { cel }])),
  },
})
const loop: Node = {
  id: 'each',
  kind: 'loop',
  with: { items: { cel: 'input.prices' }, concurrency: 3, collect: { cel: 'steps.twice' } },
}
const corpus: Record<string, { definition: Definition; input: JsonObject }> = {
  'values of every sort': {
    input: { vin: '1FT', price: 20000.5, tags: ['new', 'ev'] },
    definition: drawing(
      [
        { id: 'set', kind: 'set', with: { values: { total: { cel: 'input.price * 2' } } } },
        { id: 'tags', kind: 'map', with: { items: { cel: 'input.tags' }, to: { text: '<{{ item }}>' } } },
        code('sum', 'return { n: input.total + 1, seen: input.tags.join("") }', {
          total: { cel: 'vars.total' },
          tags: { cel: 'steps.tags' },
        }),
        end({ n: 'steps.sum.n', seen: 'steps.sum.seen', whole: 'int(vars.total)' }),
      ],
      chain('start', 'set', 'tags', 'sum', 'end'),
      { variables: [{ name: 'total', type: 'number' }] },
    ),
  },
  'a loop, and days that pass': {
    input: { prices: [1, 2, 3, 4, 5, 6, 7] },
    definition: drawing(
      [
        { id: 'wait', kind: 'wait', with: { for: 'duration', duration: '1s' } },
        loop,
        { ...code('twice', 'return input.n * 2', { n: { cel: 'item' } }), within: 'each' },
        end({ all: 'steps.each' }),
      ],
      [...chain('start', 'wait', 'each', 'end'), { from: 'each', port: 'each', to: 'twice' } satisfies Edge],
    ),
  },
  'an error that is caught, and a way that is not taken': {
    input: { n: 4 },
    definition: drawing(
      [
        { ...code('breaks', 'throw new Error("no")'), errors: ['code_failed'] },
        { id: 'which', kind: 'decision', with: { cases: [{ port: 'big', when: { cel: 'input.n > 3' } }] } },
        code('big', 'return "big"'),
        code('small', 'return "small"'),
        end({ seen: 'has(steps.big) ? steps.big : "none"', why: 'errors.breaks.code' }),
      ],
      [
        { from: 'start', to: 'breaks' },
        { from: 'breaks', port: 'error:code_failed', to: 'which' },
        { from: 'breaks', to: 'which' },
        { from: 'which', port: 'big', to: 'big' },
        { from: 'which', port: 'else', to: 'small' },
        { from: 'big', to: 'end' },
        { from: 'small', to: 'end' },
      ],
    ),
  },
  'a failure of the business': {
    input: {},
    definition: drawing(
      [{ id: 'no', kind: 'raise', with: { code: 'no_stock', message: 'There is none.' } }, end({})],
      [
        { from: 'start', to: 'no' },
        { from: 'start', to: 'end' },
      ],
    ),
  },
}

test.each(Object.keys(corpus))('the command line gives the same answer as the platform: %s', async (name) => {
  const { definition, input } = corpus[name] as (typeof corpus)[string]
  const { code: exit, out } = await automation(
    'run',
    fileOf('corpus', definition),
    '--quiet',
    '--input',
    JSON.stringify(input),
  )
  const here = JSON.parse(out) as object
  try {
    const { outcome, output } = await (await stage.play(definition, { input })).result()
    expect(here).toEqual({ state: 'completed', outcome, output })
    expect(exit).toBe(0)
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    const { cause } = error
    if (!(cause instanceof ApplicationFailure)) throw error
    expect(here).toMatchObject({ state: 'failed', failure: { code: cause.type, message: cause.message } })
    expect(exit).toBe(1)
  }
})

test('subflows are the files beside it; what needs a platform says so, and may be pinned', async () => {
  const inner = drawing([end({ n: 'input.n + 1' }, 'added')], chain('start', 'end'))
  fileOf('inner', inner)
  const outer = drawing(
    [
      { id: 'sub', kind: 'subflow', with: { automation: 'inner', input: { n: { cel: 'input.n' } } } },
      { id: 'ask', kind: 'ai', with: { prompt: 'Say something.' } },
      end({ n: 'steps.sub.output.n', said: 'steps.ask' }),
    ],
    chain('start', 'sub', 'ask', 'end'),
  )
  const file = fileOf('outer', outer)
  const refused = await automation('run', file, '--input', '{"n": 1}')
  expect(refused.code).toBe(1)
  expect(JSON.parse(refused.out)).toMatchObject({ failure: { code: 'needs_platform' } })
  expect(refused.told).toContain('completed  sub')
  const pinned = await automation('run', file, '--input', '{"n": 1}', '--pins', '{"ask": "hello"}')
  expect(JSON.parse(pinned.out)).toEqual({ state: 'completed', outcome: 'done', output: { n: 2, said: 'hello' } })
})

test('one step of a loop is run alone, with the item that it is given', async () => {
  const each: Node = { id: 'each', kind: 'loop', with: { items: { cel: 'input.cars' } } }
  const check = { ...code('check', 'throw new Error("It is " + input.car)', { car: { cel: 'item' } }), within: 'each' }
  const edges = [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'check' }]
  const file = fileOf('alone', drawing([each, check, end({})], edges))
  const { code: exit, told } = await automation('run', file, '--only', 'check', '--items', '{"each": "VIN7"}')
  expect(told).toContain('failed     check (turn 1): It is VIN7')
  expect(exit).toBe(1)
})

test('an input that the automation does not take is refused before anything is done, with each place', async () => {
  const input = { type: 'object', properties: { customers: { type: 'array' } }, required: ['customers'] } as const
  const file = fileOf('typed', drawing([end({})], chain('start', 'end'), { input }))
  const { code: status, told } = await automation('run', file, '--input', '{"customers":"x"}')
  expect(status).toBe(2)
  expect(told).toContain('/input/customers')
  expect((await automation('run', file)).told).toContain('customers')
  expect((await automation('run', file, '--input', '{"customers":[]}')).code).toBe(0)
})

test('what is no definition, no JSON or no command is told in a sentence', async () => {
  writeFileSync(join(folder, 'torn.json'), '{"format": 1')
  expect(await automation('run', join(folder, 'torn.json'))).toMatchObject({
    code: 2,
    told: expect.stringContaining('cannot be read'),
  })
  writeFileSync(join(folder, 'none.json'), '{"format": 1}')
  expect(await automation('run', join(folder, 'none.json'))).toMatchObject({
    code: 2,
    told: expect.stringContaining('is no automation'),
  })
  const file = fileOf('fine', drawing([end({})], chain('start', 'end')))
  expect(await automation('run', file, '--input', '[1]')).toMatchObject({
    code: 2,
    told: expect.stringContaining('no JSON object'),
  })
  expect(await automation('walk', file)).toMatchObject({ code: 2, told: expect.stringContaining('Usage') })
  expect(await automation('check', file)).toMatchObject({ code: 0 })
  const unfinished = fileOf('unfinished', drawing([{ id: 'code', kind: 'code', with: {} }], chain('start', 'code')))
  expect(await automation('check', unfinished)).toMatchObject({ code: 1, out: expect.stringContaining('error ') })
})

test('what a platform would refuse is not begun here, and a step that is run up to says what it gave', async () => {
  const file = fileOf('broken', drawing([{ id: 'odd', kind: 'nothing' }, end({})], chain('start', 'odd', 'end')))
  const refused = await automation('run', file)
  expect(refused.code).toBe(2)
  expect(refused.told).toContain('cannot run as it is drawn')
  expect(refused.told).toContain('odd: There is no kind of node called “nothing”.')
  const sum: Node = { id: 'sum', kind: 'map', with: { items: [1], to: { cel: 'item + 1' } } }
  const until = await automation(
    'run',
    fileOf('until', drawing([sum, end({})], chain('start', 'sum', 'end'))),
    '--until',
    'sum',
  )
  expect(until.code).toBe(0)
  expect(JSON.parse(until.out)).toMatchObject({ state: 'completed', steps: { sum: [2] } })
  const unread = await automation(
    'run',
    fileOf('well', drawing([end({})], chain('start', 'end'))),
    '--input',
    '@nowhere.json',
  )
  expect(unread).toMatchObject({
    code: 2,
    told: expect.stringContaining('--input names nowhere.json, which cannot be read'),
  })
})
