import type { CDPSession, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { visit } from '../harness/browser.ts'
import { builderOf, node } from '../harness/builder.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene({ processes: ['api'] })
const { drawn, openNew } = builderOf(scene)

type Finger = { x: number; y: number }
/** Moves fingers from where they are put down to where they are lifted, as a screen tells of them. */
const swipe = async (screen: CDPSession, ...fingers: (readonly [from: Finger, to: Finger])[]) => {
  const steps = 12
  const at = (part: number) =>
    fingers.map(([from, to], id) => ({ id, x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }))
  await screen.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) })
  for (let n = 1; n <= steps; n++)
    await screen.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(n / steps) })
  await screen.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}
const middleOf = async (page: Page, id: string): Promise<Finger & { width: number }> => {
  const box = await node(page, id).boundingBox()
  if (box === null) throw new Error(`${id} is not in sight`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width }
}

test('on a phone fingers move the view and zoom, also where they come down on a step; nothing of the drawing moves', async () => {
  const { platform, browser } = scene
  const { token } = await newPerson(platform.database.db, platform.ctx, 'owner', 'Sam Ortiz')
  await using sam = await visit(browser, `${platform.url}/link#${token}`, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
  })
  const { page } = sam
  await openNew(page, 'touched')
  const before = await drawn('touched')
  const screen = await page.context().newCDPSession(page)

  const first = await middleOf(page, 'start')
  const beside = { x: 12, y: first.y + 30 }
  await swipe(screen, [beside, { x: beside.x + 20, y: beside.y + 120 }])
  const moved = await until('the view has followed the finger', async () => {
    const at = await middleOf(page, 'start')
    return at.y - first.y > 60 ? at : undefined
  })
  await swipe(screen, [moved, { x: moved.x, y: moved.y - 100 }])
  const back = await until('a finger on a step moves the view too', async () => {
    const at = await middleOf(page, 'start')
    return moved.y - at.y > 60 ? at : undefined
  })
  expect(await page.locator('.svelte-flow__node.selected').count()).toBe(0)

  const [a, b] = [
    { x: 150, y: 420 },
    { x: 240, y: 420 },
  ]
  await swipe(screen, [a, { x: 60, y: 420 }], [b, { x: 330, y: 420 }])
  await until('two fingers apart zoom in', async () => (await middleOf(page, 'start')).width > back.width * 1.3)

  const after = await drawn('touched')
  expect([after.revision, after.definition]).toEqual([before.revision, before.definition])
  expect(sam.complaints).toEqual([])
})
