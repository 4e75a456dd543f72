import { expect, test } from 'vitest'
import type { Node } from '#schemas/automation/definition.ts'
import { nextTimes } from '#schemas/automation/schedule.ts'
import type { Run } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { readWholeHistory } from '#temporal/history.ts'
import { look, picture } from '../harness/browser.ts'
import { builderOf, node, saved } from '../harness/builder.ts'
import { testKey } from '../harness/database.ts'
import { chain, drawing, install } from '../harness/drawn.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

const nap: Node = { id: 'nap', kind: 'wait', title: 'Until they open', with: { for: 'duration', duration: '1d' } }
const { drawn, open } = builderOf(scene)
const waiting = async () => (await drawn('opening')).definition.nodes.find(({ id }) => id === 'nap')?.with

test('a schedule is chosen in plain words, by the clock of a zone, and says its next times', async () => {
  const { page } = scene.dana
  const { database, ctx } = scene.platform
  await install(database.db, ctx, drawing([nap, { id: 'end', kind: 'end' }], chain('start', 'nap', 'end')), 'opening')
  await open(page, 'opening')
  await node(page, 'nap').click()
  await page.getByRole('combobox', { name: 'Wait', exact: true }).selectOption('schedule')
  const schedule = page.getByRole('group', { name: 'Schedule', exact: true })
  await schedule.getByText('“Schedule” is needed.').waitFor()
  await schedule.getByLabel('Schedule', { exact: true }).selectOption('On days of the week')
  await schedule.getByRole('button', { name: 'Wednesday' }).press('Space')
  await schedule.getByText('On Mondays and Wednesdays at 09:00.').waitFor()

  const zone = page.getByRole('combobox', { name: 'Time zone' })
  await zone.fill('central')
  await page.getByRole('option', { name: /^America\/Chicago/ }).waitFor()
  await picture(page, 'schedule-zones')
  await zone.fill('chic')
  await zone.press('Enter')
  await zone.click()
  await page.getByRole('option', { name: /^America\/New York/ }).waitFor()
  await zone.press('Enter')
  await schedule.getByText('On Mondays and Wednesdays at 09:00, Chicago time.').waitFor()
  expect(await schedule.getByRole('row').count()).toBe(6)
  await schedule.getByRole('columnheader', { name: 'Your clock' }).waitFor()

  await schedule.getByLabel('Schedule', { exact: true }).selectOption('On weekdays')
  await schedule.getByLabel('Time of day').fill('08:30')
  await node(page, 'nap').getByText('on weekdays at 08:30, Chicago time').waitFor()
  await saved(page)
  expect(await waiting()).toEqual({ for: 'schedule', duration: '1d', cron: '30 8 * * 1-5', zone: 'America/Chicago' })
  await look(page, 'schedule')
})

test('one written out stays as it is written; a wrong one is refused at its field, where it is wrong', async () => {
  const { page } = scene.dana
  const schedule = page.getByRole('group', { name: 'Schedule', exact: true })
  await schedule.getByLabel('Schedule', { exact: true }).selectOption('Written out')
  const text = schedule.getByLabel('Schedule, written out')
  await text.fill('30 8,25 * * 1-5')
  await schedule.getByText('“Schedule” has the hour “25”. It is from 0 to 23.').waitFor()
  expect(await schedule.locator('mark').textContent()).toBe('25')
  await picture(page, 'schedule-wrong')
  await text.fill('30 8,13 * 2-11 1-5')
  await schedule.getByText('On weekdays in February to November at 08:30 and 13:30, Chicago time.').waitFor()
  await saved(page)
  await page.reload()
  await node(page, 'nap').click()
  expect(await text.inputValue()).toBe('30 8,13 * 2-11 1-5')
  expect(await schedule.getByLabel('Schedule', { exact: true }).inputValue()).toBe('text')
  await text.fill('30 8 * * 1-5')
  expect(await text.inputValue()).toBe('30 8 * * 1-5')
  await saved(page)
})

test('it is published, and a run waits until the next time, no longer and no shorter', async () => {
  const { page } = scene.dana
  const { platform } = scene
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByRole('button', { name: 'Publish it' }).click()
  await page.getByText('Version 2 is live.').waitFor()
  const { body: run } = await platform.post<Run>('/v1/automations/opening/runs', { input: {} })
  const { temporalAddress: address, namespace } = platform
  const temporal = connectTemporal({ address, namespace, keys: [testKey] })
  const timer = await until('it waits', async () =>
    (await readWholeHistory(temporal, run.id)).find((event) => event.timerStartedEventAttributes != null),
  )
  await temporal.connection.close()
  const ms = (of?: { seconds?: unknown; nanos?: number | null } | null) =>
    Number(of?.seconds) * 1000 + (of?.nanos ?? 0) / 1e6
  const began = ms(timer.eventTime)
  const due = began + ms(timer.timerStartedEventAttributes?.startToFireTimeout)
  const [opens = 0] = nextTimes('30 8 * * 1-5', 'America/Chicago', began, 1)
  // the workflow counts from when its task began, a moment before the timer
  expect(Math.round(due / 60_000)).toBe(opens / 60_000)

  await page.goto(`${platform.url}/runs/${run.id}?view=canvas`)
  const waits = page.getByLabel(/^Until they open, .*waiting, Until/).and(page.locator('.svelte-flow__node'))
  await waits.getByText(/^Until .*08:30, Chicago time$/).waitFor()
  await waits.click()
  await page.getByText(/^It goes on (Mon|Tue|Wed|Thu|Fri) .*, 08:30, Chicago time, /).waitFor()
  await picture(page, 'schedule-waits')
})
