import { expect, test } from 'vitest'
import { createLog } from './log.ts'

const written = (fields: Record<string, unknown>): Record<string, unknown> => {
  const lines: string[] = []
  createLog('test', 'info', (line) => void lines.push(line)).info('hello', fields)
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0]!) as Record<string, unknown>
}

test('a line is one JSON object that says when, who and what', () => {
  expect(written({ run: 'run_1', n: 2 })).toEqual({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    level: 'info',
    process: 'test',
    message: 'hello',
    run: 'run_1',
    n: 2,
  })
})

test.each([
  'password',
  'secret',
  'hookSecret',
  'token',
  'authorization',
  'cookie',
  'apiKey',
  'api_key',
  'signature',
  'key',
  'sealed',
])('the value of %s never reaches the log, however deep it is', (name) => {
  const deep = { a: [{ b: { [name]: 'hush' } }], [name]: 'hush', headers: { [name]: 'hush' } }
  expect(JSON.stringify(written(deep))).not.toContain('hush')
})

test('an error is told with its stack', () => {
  const { error } = written({ error: new TypeError('no such thing') })
  expect(error).toMatchObject({
    name: 'TypeError',
    message: 'no such thing',
    stack: expect.stringContaining('log.test'),
  })
})

test('what is below the level is not written', () => {
  const lines: string[] = []
  const log = createLog('test', 'warn', (line) => void lines.push(line))
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['c', 'd'])
})
