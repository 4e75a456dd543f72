/**
 * Takes the picture of the README: `node test/e2e/screenshot.ts URL OUT`, where URL is the one-time link of a demo
 * that runs. A lead is sent, and its run is shown while it waits for a person.
 */
import { writeFile } from 'node:fs/promises'
import { openBrowser, settled, visit } from '../harness/browser.ts'

const [link, out] = process.argv.slice(2)
if (link === undefined || out === undefined) throw new Error('Usage: node test/e2e/screenshot.ts URL OUT')

const browser = await openBrowser()
try {
  const { page } = await visit(browser, link)
  const { origin } = new URL(link)
  // Slow enough that one sees where the time goes.
  const slow = async (system: string, latencyMs: number) =>
    page.request.patch(`${origin}/v1/sandbox/systems/${system}`, { data: { latencyMs }, headers: { origin } })
  await Promise.all([slow('crm', 200), slow('dms', 500), slow('model', 1000)])
  await page.goto(`${origin}/sandbox`)
  await settled(page)
  await page.getByRole('button', { name: 'Send a lead' }).click()
  await page.getByRole('link', { name: 'See its receipt' }).click()
  await page.getByRole('link', { name: 'See the run' }).click()
  await page.getByRole('treeitem', { name: /Wait for a person/ }).waitFor()
  await page.getByRole('link', { name: 'Read and decide' }).waitFor()
  await page.setViewportSize({ width: 1440, height: 1360 })
  await page.getByRole('link', { name: 'Canvas', exact: true }).click()
  await page.getByLabel(/^Ask a person, .*waiting/).waitFor()
  await settled(page)
  await page.mouse.move(0, 0) // nothing is pointed at
  await writeFile(out, await page.screenshot())
  await Promise.all([slow('crm', 0), slow('dms', 0), slow('model', 0)])
} finally {
  await browser.close()
}
