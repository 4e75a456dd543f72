import { expect, test } from 'vitest'
import { targetOf } from '#schemas/gateway/routes.ts'
import { newId } from '#schemas/ids.ts'
import { readAsked } from './asked.ts'
import { begunBy, lostOf } from './begun.ts'
import { keyless } from './keyless.ts'

const tokens = { input: 12, cached: 0, cacheWrite: 0, output: 100, reasoning: 0 }
const provider = { name: 'one', kind: 'openai' as const, baseUrl: '', enabled: true, shared: false, keys: [] }
const asked = readAsked('chat', Buffer.from('{"model":"fast","messages":[]}'))
if ('why' in asked) throw new Error(asked.why)
const way = { alias: 'fast', steered: null, verdict: undefined }

test('a request of which nothing more is heard is written down with who asked, what for, and whom', () => {
  const [id, of, person, batch] = [newId('modelRequest'), newId('modelRequest'), newId('user'), newId('modelBatch')]
  const caller = keyless('tnt_1', { person, batch, replays: { of, as: id }, tags: { replay: '' } })
  const begun = begunBy(
    { id, at: 1, trimmed: null, guarded: null },
    { caller, asked, way },
    { target: targetOf('one', 'gpt-5'), provider },
    tokens,
  )
  // as it comes back from the disk of a process that was killed
  expect(lostOf(JSON.parse(JSON.stringify(begun)) as typeof begun)).toMatchObject({
    id,
    tenant: 'tnt_1',
    person,
    batch,
    replayOf: of,
    tags: { replay: '' },
    outcome: 'lost',
    status: 500,
    asked: 'fast',
    tokens,
    estimated: true,
    attempts: [{ provider: 'one', model: 'gpt-5' }],
  })
})
