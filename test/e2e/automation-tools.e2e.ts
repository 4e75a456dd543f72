import { expect, test } from 'vitest'
import type { Run } from '#schemas/runs.ts'
import { look, picture } from '../harness/browser.ts'
import { builderOf, node } from '../harness/builder.ts'
import { chain, drawing, install } from '../harness/drawn.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene()
const { open } = builderOf(scene)

const asking = drawing(
  [
    {
      id: 'who',
      kind: 'ai',
      title: 'Who is it?',
      at: { x: 0, y: 110 },
      with: {
        prompt: 'Who is priya.raman@example.org?',
        output: { type: 'object', properties: { firstName: { type: 'string' } }, required: ['firstName'] },
        tools: ['dms.find_customer', 'crm.find_contact'],
      },
    },
    {
      id: 'end',
      kind: 'end',
      at: { x: 0, y: 220 },
      with: { output: { first: { cel: 'steps.who.answer.firstName' } } },
    },
  ],
  chain('start', 'who', 'end'),
  { name: 'Ask who it is' },
)

test('a model that may use tools asks them in a test run, and the drawing and the timeline show which', async () => {
  const { page } = scene.dana
  await install(scene.platform.database.db, scene.platform.ctx, asking, 'who-is-it')
  await open(page, 'who-is-it')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('dialog', { name: 'Run it' }).getByRole('button', { name: 'Test run' }).click()
  await node(page, 'who').getByText('2 tools asked').waitFor()
  await node(page, 'who').click()
  const asked = page.getByRole('list', { name: 'Tools that it asked' }).getByRole('listitem')
  await asked.filter({ hasText: 'Find a customer in the DMS · email priya.raman@example.org' }).waitFor()
  expect(await asked.count()).toBe(2)
  await look(page, 'tools-builder')

  const { items } = await scene.platform.get<{ items: Run[] }>('/v1/runs?workflow=who-is-it')
  await page.goto(`${scene.platform.url}/runs/${items[0]?.id}`)
  await page.getByRole('treeitem', { name: /^Who is it\?, completed/ }).click()
  await page.getByText('Asked: Find a customer in the DMS, Find a contact').waitFor()
  await picture(page, 'tools-timeline')
})
