import { expect, test } from 'vitest'
import { chain, definition } from '#test/harness/played.ts'
import type { Node } from '../definition.ts'
import { kinds } from '../kinds/index.ts'
import { Engine } from './engine.ts'
import { VirtualHost } from './virtual.ts'

/** The keys by which steps ask for what they gave before, by the step. */
const keysOf = async (...nodes: Node[]): Promise<Record<string, string>> => {
  const keys: Record<string, string> = {}
  const host = new VirtualHost(({ node }, _activity, _input, { cache }) => {
    keys[node] = cache?.key ?? ''
    return { ms: 1, give: null }
  })
  const def = definition(
    [{ id: 'start', kind: 'start' }, ...nodes, { id: 'end', kind: 'end' }],
    chain('start', ...nodes.map(({ id }) => id), 'end'),
  )
  const run = { id: 'run_1', startedAt: '1970-01-01T00:00:00Z' }
  const ending = new Engine(kinds, { definition: def, input: { vin: '1' }, run }, host).run()
  await host.until(ending)
  return keys
}
const cache = { key: { cel: 'input.vin' }, for: '1h' }

test('a step remembers by its kind, by what its form says and by its key, and by nothing else of it', async () => {
  const { a, same, kind, form, key } = await keysOf(
    { id: 'a', kind: 'http', with: { url: 'u' }, cache },
    { id: 'same', kind: 'http', title: 'Ask', with: { url: 'u' }, timeout: '9s', cache: { ...cache, for: '2h' } },
    { id: 'kind', kind: 'code', with: { url: 'u' }, cache },
    { id: 'form', kind: 'http', with: { url: 'u', method: 'POST' }, cache },
    { id: 'key', kind: 'http', with: { url: 'u' }, cache: { ...cache, key: { cel: 'input.vin + "x"' } } },
  )
  expect(same).toBe(a)
  expect(new Set([a, kind, form, key]).size).toBe(4)
})
