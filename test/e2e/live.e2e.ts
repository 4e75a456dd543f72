import { expect, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import type { Receipt } from '#schemas/ingress.ts'
import { isMarked, mark } from '../harness/browser.ts'
import { deliver } from '../harness/hooks.ts'
import { sandboxAt } from '../harness/sandbox.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

const setModel = (outage: 'none' | 'unavailable') => sandboxAt(scene.platform.sandboxUrl).turn('model', { outage })

test('the API is killed under an open run: the page says so, comes back by itself, and misses nothing', async () => {
  const { page } = scene.dana
  const step = (name: RegExp) => page.getByRole('treeitem', { name })
  const badge = page.getByRole('status', { name: 'Connection' })
  await setModel('unavailable')
  const { body } = await deliver(scene.platform.hook, 'msg_live', makeLead('live', { scenario: 'buy' }).xml)
  const { run } = await until('it runs', async () => {
    const receipt = await scene.platform.get<Receipt>(`/v1/receipts/${body.receipt}`)
    return receipt.run !== null && receipt
  })
  await page.goto(`${scene.platform.url}/runs/${run}`)
  await step(/^Ask the model, retrying/).waitFor()
  await badge.getByText('Live').first().waitFor()
  await mark(page)

  await scene.platform.kill('api')
  await badge.getByText(/^Reconnecting/).waitFor()
  await setModel('none') // the run goes on while nobody is told
  await scene.platform.start('api')
  for (const title of ['Look the vehicle up in stock', 'Write to the CRM', 'Ask a person'])
    await step(new RegExp(`^${title}, completed`)).waitFor()
  await badge.getByText('Live').first().waitFor()
  await page.getByRole('link', { name: 'Read and decide' }).waitFor()
  expect(await isMarked(page)).toBe(true)
  const detail = await scene.platform.get<{ steps: { title: string }[] }>(`/v1/runs/${run}`)
  const shown = await page.getByRole('treeitem').allInnerTexts()
  for (const { title } of detail.steps)
    expect(
      shown.some((text) => text.startsWith(title)),
      title,
    ).toBe(true)
})
