import { expect, test } from 'vitest'
import { paced } from './paced.ts'

const clock = () => {
  let due: (() => void) | undefined
  const later = (_ms: number, then: () => void) => {
    due = then
    return () => (due = undefined)
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  const tick = async () => {
    await settled()
    const now = due
    due = undefined
    now?.()
    await settled()
  }
  return { later, tick }
}

test('the first word is answered at once, those on its heels together, and the last is not missed', async () => {
  const { later, tick } = clock()
  let times = 0
  const it = paced(1000, async () => void (times += 1), later)
  it.ask()
  expect(times).toBe(1)
  for (let n = 0; n < 5; n++) it.ask()
  await tick()
  expect(times).toBe(2)
  await tick()
  expect(times).toBe(2)
  it.ask()
  expect(times).toBe(3)
})

test('it does not overlap itself, and does nothing more once it is stopped', async () => {
  const { later, tick } = clock()
  let finish = () => {}
  let times = 0
  const it = paced(
    1000,
    () =>
      new Promise((resolve) => {
        times += 1
        finish = resolve
      }),
    later,
  )
  it.ask()
  it.ask()
  expect(times).toBe(1)
  finish()
  await tick()
  await tick()
  expect(times).toBe(2)
  it.ask()
  it.stop()
  finish()
  await tick()
  expect(times).toBe(2)
})
