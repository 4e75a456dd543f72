import { afterAll, expect, test } from 'vitest'
import type { Json } from '#schemas/automation/json.ts'
import { codePool } from './code-pool.ts'
import { codeActivities } from './code.ts'

const pool = codePool()
afterAll(() => pool.close())
const activities = codeActivities({ runCode: pool.run })
const scope = { tenant: 'ten_1', run: 'run_1', origin: 'run_1', step: 'code#0', test: false }
const run = (source: string, input: Json = {}, more: { memoryMb?: number; timeMs?: number } = {}) =>
  activities['code.run']({ ...scope, source, input, memoryMb: 16, timeMs: 60_000, ...more })

test('the code sees its input, and what it returns is the output', async () => {
  expect(await run('return { sum: input.a + input.b }', { a: 1, b: 2 })).toEqual({ sum: 3 })
  expect(await run('return input.names.map((one) => one.toUpperCase()).sort()', { names: ['b', 'ä'] })).toEqual([
    'B',
    'Ä',
  ])
  expect(await run('')).toBeNull()
  expect(await run('return new Date(0)')).toBe('1970-01-01T00:00:00.000Z')
  expect(await run('return typeof Math.random() + (Date.now() > 1e12)')).toBe('numbertrue')
})

test('it may await, and wait for many', async () => {
  expect(await run('const [a, b] = await Promise.all([1, (async () => 2)()]); return a + b')).toBe(3)
})

test.each([
  ['throw new Error("No price")', 'No price (line 1)', 1],
  ['const a = 1\nnull.price', /TypeError: .+ \(line 2\)/, 2],
  ['let a = 1\n\nlet a = 2', /SyntaxError: .+ \(line 3\)/, 3],
  ['throw "plain"', 'plain', null],
  ['throw null', 'null', null],
  ['throw { toJSON() { throw 1 }, toString() { throw 2 } }', /cannot be told/, null],
  ['await Promise.reject(new RangeError("Too old"))', /RangeError: Too old/, 1],
  ['return 10n', /TypeError/, null],
  ['const o = {}; o.o = o; return o', /circular/i, null],
])('%s is told by its sentence and line', async (source, message, line) => {
  const failure = await run(source).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 'code_failed',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
  if (line !== null) expect(failure).toMatchObject({ extra: { line } })
})

test('what it wrote to its console comes with the failure, the last hundred lines of it', async () => {
  const source = 'for (let i = 0; i < 150; i++) console.log("line", i, { i }); console.error("x".repeat(9999)); throw 1'
  const { extra } = (await run(source).catch((error: unknown) => error)) as { extra: { lines: string[] } }
  expect(extra.lines).toHaveLength(100)
  expect(extra.lines[0]).toBe('line 51 {"i":51}')
  expect(extra.lines.at(-1)).toHaveLength(500)
})

test.each([
  'while (true) {}',
  'for (;;) await 1',
  'try { while (true) {} } catch { return "caught" } finally { while (true) {} }',
  'return [..."ab"].map(() => { for (;;) {} })',
  'return /^(a+)+$/.test("a".repeat(40) + "b")',
  '(async () => { for (;;) await 1 })(); await new Promise(() => {})',
])('%s is ended when its time is up', async (source) => {
  await expect(run(source, {}, { timeMs: 50 })).rejects.toMatchObject({ code: 'code_timed_out' })
})

test.each([
  'const all = []; for (;;) all.push(new Uint8Array(1e6))',
  'return new Uint8Array(1e9).length',
  'const all = []; for (;;) all.push({})',
])('%s runs out of memory, and takes nobody with it', async (source) => {
  await expect(run(source, {}, { memoryMb: 8 })).rejects.toMatchObject({ code: 'code_out_of_memory' })
  expect(await run('return 1')).toBe(1)
})

test('recursion without end is a failure of the code, not of the worker', async () => {
  await expect(run('const f = () => f() + 1; return f()')).rejects.toMatchObject({
    code: 'code_failed',
    message: /stack/i,
  })
  await expect(
    run('const a = []; let b = a; for (let i = 0; i < 1e5; i++) b = b[0] = []; return a'),
  ).rejects.toMatchObject({
    code: 'code_failed',
  })
})

test('what never comes is not waited for', async () => {
  await expect(run('await new Promise(() => {})')).rejects.toMatchObject({
    code: 'code_failed',
    message: /never comes/,
  })
})

test('an output over 256 kB is refused, one just below it is not', async () => {
  expect(await run('return "x".repeat(250_000)')).toHaveLength(250_000)
  await expect(run('return "x".repeat(300_000)')).rejects.toMatchObject({ code: 'code_failed', message: /300002/ })
})

test.each([
  'process',
  'require',
  'module',
  'fetch',
  'setTimeout',
  'WebAssembly',
  'XMLHttpRequest',
  'Deno',
  'std',
  'os',
])('there is no %s', async (name) => {
  expect(await run(`return typeof ${name}`)).toBe('undefined')
})

test.each([
  'return (async () => {}).constructor("return typeof process")()',
  'return [].constructor.constructor("return typeof process")()',
  'return console.log.constructor("return typeof process")()',
  'return console.log.constructor.constructor("return typeof globalThis.process")()',
  'return Object.getPrototypeOf(console.log.bind()).constructor("return typeof require")()',
  'try { null.x } catch (e) { return e.constructor.constructor("return typeof process")() }',
  'return eval("typeof process")',
  '}), (async () => { return typeof process',
])('%s leads nowhere', async (source) => {
  expect(await run(source)).toBe('undefined')
})

test('it can import nothing', async () => {
  for (const name of ['node:fs', './code.ts', 'https://example.com/x.js'])
    await expect(run(`return await import(${JSON.stringify(name)})`)).rejects.toMatchObject({ code: 'code_failed' })
})

test('what one piece of code changes, the next does not find', async () => {
  await run('globalThis.left = 1; Array.prototype.left = 1; JSON.stringify = () => "{}"; Object.freeze(console)')
  expect(await run('return [typeof left, typeof [].left]')).toEqual(['undefined', 'undefined'])
  expect(await run('JSON.stringify = JSON.parse = () => 1; return { a: input }', 2)).toEqual({ a: 2 })
})

test('many at once all get their own answer, and one that is given up leaves the others', async () => {
  const stop = new AbortController()
  const endless = pool.run({ source: 'while (true) {}', input: '{}', memoryMb: 1, timeMs: 10_000 }, stop.signal)
  const others = Promise.all(Array.from({ length: 8 }, (_, i) => run('return input * 2', i)))
  stop.abort(new Error('given up'))
  await expect(endless).rejects.toThrow('given up')
  expect(await others).toEqual([0, 2, 4, 6, 8, 10, 12, 14])
})
