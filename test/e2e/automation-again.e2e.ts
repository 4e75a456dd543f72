import { beforeAll, expect, test } from 'vitest'
import type { Definition } from '#schemas/automation/definition.ts'
import type { Run } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { look, picture } from '../harness/browser.ts'
import { builderOf, node } from '../harness/builder.ts'
import { testKey } from '../harness/database.ts'
import { install } from '../harness/drawn.ts'
import { setScene } from '../harness/scene.ts'
import { stockCheck } from '../harness/stock-check.ts'
import { stuckRun } from '../harness/stuck.ts'
import { until } from '../harness/until.ts'

const scene = setScene()
const { open } = builderOf(scene)

const titled = (title: string): Definition => {
  const { nodes, ...rest } = stockCheck('Cars')
  return { ...rest, nodes: nodes.map((one) => (one.id === 'tell' ? { ...one, title } : one)) }
}
beforeAll(async () => {
  await install(scene.platform.database.db, scene.platform.ctx, titled('Remember'), 'cars')
})

const cars = [
  { vin: 'VIN-A', price: 100 },
  { vin: 'VIN-B', price: 200 },
]
const closed = (id: string) =>
  until('the run is closed', async () => {
    const { run } = await scene.platform.get<{ run: Run }>(`/v1/runs/${id}`)
    return run.closedAt === null ? undefined : run
  })

test('a run that is stuck is found as such in the list, says why, and is ended where it stands', async () => {
  const { page } = scene.dana
  const { database, ctx, temporalAddress: address, namespace, url } = scene.platform
  const temporal = connectTemporal({ address, namespace, keys: [testKey] })
  const run = await stuckRun({ db: database.db, ctx, temporal })
  await temporal.connection.close()
  await scene.platform.get(`/v1/runs/${run}`)
  await page.goto(`${url}/runs`)
  await page.getByLabel('State').selectOption('Stuck')
  const row = page.getByRole('row').filter({ hasText: run.slice(-8) })
  await row.getByText('Stuck', { exact: true }).waitFor()
  await page.getByLabel('State').selectOption('Paused')
  await page.getByText('No run fits this filter').waitFor()
  await page.getByLabel('State').selectOption('Stuck')
  await row.getByRole('link').first().click()
  await page.getByText('what it has done does not fit the code that runs now').first().waitFor()
  await page.getByText('It is stuck before its first step.').waitFor()
  await look(page, 'run-stuck')
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel this run?' })
  await dialog.getByText('so it ends where it stands').waitFor()
  await dialog.getByRole('button', { name: 'Cancel run' }).click()
  await page.getByText('Cancelled', { exact: true }).first().waitFor()
  await page.getByText('nothing was undone').first().waitFor()
  expect((await closed(run)).state).toBe('cancelled')
})

test('the turns of a loop say what they are about, on the drawing and on the timeline', async () => {
  const { page } = scene.dana
  const { body } = await scene.platform.post<Run>('/v1/automations/cars/runs', { input: { cars } })
  await closed(body.id)
  await page.goto(`${scene.platform.url}/runs/${body.id}`)
  await page.getByRole('treeitem', { name: /turn 1 · VIN-A/ }).waitFor()
  await look(page, 'turns-timeline')
  await page.goto(`${scene.platform.url}/runs/${body.id}?view=canvas`)
  const turns = page.getByRole('group', { name: 'Turn of Each car' })
  await turns.getByText('VIN-B', { exact: true }).waitFor()
  await turns.getByRole('button', { name: 'The turn before' }).click()
  await turns.getByText('VIN-A', { exact: true }).waitFor()
  await page.getByRole('treeitem', { name: /turn 2 · VIN-B/ }).waitFor()
  await picture(page, 'turns-canvas')
})

test('a run is run again by another version than the one that ran and the one that is live', async () => {
  const { page } = scene.dana
  const { platform } = scene
  for (const title of ['Note it', 'Keep it']) {
    const { revision } = await platform.get<{ revision: number }>('/v1/automations/cars')
    const draft = { definition: titled(title), revision }
    const saved = await platform.put<{ revision: number }>('/v1/automations/cars/draft', draft)
    await platform.post('/v1/automations/cars/publish', { revision: saved.body.revision, notes: title })
  }
  const { items } = await platform.get<{ items: Run[] }>('/v1/runs?workflow=cars')
  await page.goto(`${platform.url}/runs/${items[0]?.id}?view=canvas`)
  await page.getByRole('button', { name: 'Run again', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Run it again' })
  await dialog.getByText('The one that is live now, version 3').waitFor()
  await dialog.getByText('Another', { exact: true }).click()
  await dialog.getByLabel('Version', { exact: true }).selectOption('Version 2: Note it')
  await look(page, 'rerun-version')
  await dialog.getByRole('button', { name: 'Run again' }).click()
  await page.waitForURL((url) => !url.pathname.endsWith(items[0]?.id ?? ''))
  await node(page, 'tell').getByText('Note it').waitFor()
  const again = await closed(new URL(page.url()).pathname.split('/').at(-1) ?? '')
  expect([again.versionNumber, again.rerunOf]).toEqual([2, items[0]?.id])
})

test('who tests a pinned step alone is told that it is not executed', async () => {
  const { page } = scene.dana
  const { nodes, ...rest } = stockCheck('Pinned')
  const pinned = nodes.map((one) => (one.id === 'total' ? { ...one, pin: 7 } : one))
  await install(scene.platform.database.db, scene.platform.ctx, { ...rest, nodes: pinned }, 'pinned')
  await open(page, 'pinned')
  await node(page, 'total').click()
  await page.getByRole('button', { name: 'This step alone' }).click()
  const dialog = page.getByRole('dialog', { name: 'Test “Add up the prices” alone' })
  await dialog.getByText('is pinned: it is not executed and gives its pinned output').waitFor()
  await picture(page, 'pinned-alone')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})
