import { expect, test } from 'vitest'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { bringToLife, putToRest } from './demo-life.ts'

test('leads and the colleague begin the first time; what the screen stopped stays stopped, and without the demo all rests', async () => {
  await using sandbox = await openSandbox()
  // leads go to a door that answers 404, and nobody listens to the colleague
  const hook = { url: `${sandbox.url}/nowhere`, secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` }
  const life = { hook, colleague: { name: 'Riley (demo colleague)', url: 'http://127.0.0.1:9', key: 'aut_x' } }
  const state = async () => (await sandbox.call('GET', '/control')).body

  await bringToLife(sandbox.url, life)
  const begun = await state()
  expect(begun).toMatchObject({ trickle: { on: true }, colleague: { on: true, name: 'Riley (demo colleague)' } })
  expect(begun.trickle.made).toBeGreaterThanOrEqual(12)
  expect(JSON.stringify(begun)).not.toContain('aut_x')

  await sandbox.call('PUT', '/control/trickle', { on: false })
  await sandbox.call('PUT', '/control/colleague', { on: false })
  const { made } = (await state()).trickle
  await bringToLife(sandbox.url, life)
  expect(await state()).toMatchObject({ trickle: { on: false, made }, colleague: { on: false } })

  await putToRest(sandbox.url)
  expect(await state()).toMatchObject({ trickle: { on: false, url: null }, colleague: { on: false, name: null } })
  expect((await sandbox.call('POST', '/control/leads', {})).status).toBe(409)
  await bringToLife(sandbox.url, life)
  expect(await state()).toMatchObject({ trickle: { on: true, url: hook.url }, colleague: { on: true } })
})
