import { expect, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import { deliver } from '../harness/hooks.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

/** Sends two leads under one webhook id, as a sender with a fault would; gives the receipt that is held back. */
const sendTwice = async (id: string): Promise<string> => {
  await deliver(scene.platform.hook, id, makeLead(`${id}-first`).xml)
  const held = await deliver(scene.platform.hook, id, makeLead(`${id}-second`).xml)
  expect(held.status).toBe(409)
  return held.body.receipt
}

test('a lead that was held back shows up by itself, and starts its run when it is released', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/ingress?status=quarantined`)
  await page.getByText('Nothing is held back').waitFor()
  const held = await sendTwice('msg_release')
  await page.getByRole('row', { name: /msg_release/ }).waitFor()
  await page.getByRole('button', { name: 'Release' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click()
  await page.getByText('Nothing is held back').waitFor()
  await page.goto(`${scene.platform.url}/ingress/${held}`)
  await page.getByRole('link', { name: 'See the run' }).click()
  await page.getByRole('treeitem', { name: /^Ask a person, completed/ }).waitFor()
})

test('a lead that was held back starts nothing when it is discarded, and can still be read', async () => {
  const { page } = scene.dana
  const held = await sendTwice('msg_discard')
  await page.goto(`${scene.platform.url}/ingress/${held}`)
  await page.getByRole('link', { name: 'See the lead that came first under this webhook id' }).waitFor()
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
  await page.getByText('Discarded', { exact: true }).waitFor()
  await page.getByRole('region', { name: 'The body as it came' }).getByText('<adf>').waitFor()
  expect(await page.getByRole('link', { name: 'See the run' }).count()).toBe(0)
})

test('a secret is rotated: shown once, both open the door, and the old one can be ended', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/settings/webhooks`)
  await page.getByRole('button', { name: 'Rotate secret of website' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
  const secret = await page.getByRole('textbox', { name: 'Webhook secret' }).inputValue()
  expect(secret).toMatch(/^whsec_/)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  const by = (text: string, id: string) =>
    deliver({ url: scene.platform.hook.url, secret: text }, id, makeLead(id).xml).then(({ status }) => status)
  expect([await by(secret, 'msg_new_1'), await by(scene.platform.hook.secret, 'msg_old_1')]).toEqual([202, 202])

  await page.getByRole('button', { name: /^End now/ }).click() // of the two only the old one may end
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click()
  await page.getByText('That secret has ended.').waitFor()
  await until('the old one is refused', async () => (await by(scene.platform.hook.secret, 'msg_old_2')) === 401)
  expect(await by(secret, 'msg_new_2')).toBe(202)
  await page.reload()
  expect(await page.getByText(secret).count()).toBe(0)
})
