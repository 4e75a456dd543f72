import { test } from 'vitest'
import { look, settled } from '../harness/browser.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene({ processes: ['api'] })

test('a kind of provider asks for what it needs: of Azure the resource makes the address', async () => {
  const { page } = scene.dana
  const dialog = page.getByRole('dialog')
  await page.goto(`${scene.platform.url}/gateway/providers`)
  await settled(page)
  await page.getByRole('button', { name: 'Add provider' }).click()
  await dialog.getByRole('radio', { name: 'Azure OpenAI' }).check()
  await dialog.getByLabel('Resource').fill('north-cars')
  await dialog.getByRole('textbox', { name: 'Key' }).fill('an-azure-key-of-north')
  await look(page, 'gateway-add-azure')
  await dialog.getByRole('button', { name: 'Add provider' }).click()
  const card = page.getByRole('article', { name: 'azure' })
  await card.getByText('https://north-cars.openai.azure.com/openai/v1').waitFor()
  await card.getByText('Azure OpenAI').waitFor()
})
