import { expect, test } from 'vitest'
import { look, settled } from '../harness/browser.ts'
import { csvOf, drawnOutcomes } from '../harness/outcomes.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene({ processes: ['api', 'worker'] })
const file = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })

test('a classifier is trained from a table, shows what it is worth beside chance, and is put in force', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/gateway/levers`)
  await settled(page)
  await page.getByRole('link', { name: 'None in force' }).click()
  await page.getByText('No classifier yet').waitFor()
  await settled(page)
  await look(page, 'gateway-classifier-empty')

  await page.getByRole('button', { name: 'Train a classifier' }).click()
  const dialog = page.getByRole('dialog')
  const outcomes = dialog.getByLabel('Outcomes')
  await outcomes.setInputFiles(file('wrong.csv', 'domain,prompt,strong_ok,weak_ok\na,"b,1,1\n'))
  await dialog.getByText('Line 2: A text in quotation marks does not end.').waitFor()
  expect(await dialog.getByRole('button', { name: 'Train' }).isDisabled()).toBe(true)
  await look(page, 'gateway-classifier-wrong')
  await outcomes.setInputFiles(file('spring.csv', csvOf(drawnOutcomes(3000, 11))))
  await dialog.getByText('3,000 rows, of 5 kinds of task.').waitFor()
  await dialog.getByRole('button', { name: 'Train with 3,000 rows' }).click()
  await dialog.waitFor({ state: 'detached' })

  const list = page.getByRole('list', { name: 'Classifiers' })
  await list.getByText('ready').waitFor()
  await page.getByRole('img', { name: /^Quality kept by the share/ }).waitFor()
  await page.getByRole('img', { name: /^Foretold and true/ }).waitFor()
  await settled(page)
  await look(page, 'gateway-classifier-ready')

  await page.getByLabel('Quality to keep').selectOption({ label: '95 %' })
  await page.getByRole('button', { name: 'Put in force' }).click()
  await page.getByText('Version 1 is in force.').waitFor()
  await list.getByText('in force').waitFor()
  await page.getByRole('textbox', { name: 'Prompt' }).fill('hello thanks friendly reply')
  await page.getByRole('button', { name: 'How easy is it?' }).click()
  await page.getByText('likely that the cheap model does as well.').waitFor()
  await page.getByText('That is enough to keep 95 %').waitFor()
  await settled(page)
  await look(page, 'gateway-classifier')

  await page.getByRole('button', { name: 'Take out of force' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take out of force' }).click()
  await list.getByText('ready').waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No classifier yet').waitFor()
})
