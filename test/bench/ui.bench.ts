import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { resolve } from 'node:path'
import { buildUi } from '#deploy/local/build-ui.ts'
import { openBrowser, visit } from '#test/harness/browser.ts'
import { newPerson } from '#test/harness/people.ts'
import { startPlatform } from '#test/harness/platform.ts'
import { until } from '#test/harness/until.ts'
import { report, median } from './figure.ts'

const root = resolve(import.meta.dirname, '../..')
const starts = 7

await buildUi(root, () => {})
await using platform = await startPlatform({ processes: ['api'] })

/** JavaScript a browser has loaded once the first page stands, each file as gzip would send it. */
const { token } = await newPerson(platform.database.db, platform.ctx, 'owner')
const browser = await openBrowser()
const sizes: Promise<number>[] = []
{
  await using person = await visit(browser)
  person.page.on('response', (reply) => {
    if (new URL(reply.url()).pathname.endsWith('.js'))
      sizes.push(reply.body().then((body) => gzipSync(body, { level: 9 }).length))
  })
  await person.page.goto(`${platform.url}/link#${token}`)
  await person.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await person.page.getByText('Live', { exact: true }).waitFor()
}
await browser.close()
const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
report({ bench: 'ui', metric: 'first_load_js_gzip_kb', value: bytes / 1000, unit: 'kB', n: sizes.length })

/** From the start of the process to its first answer, and the memory it holds when nothing asks anything. */
const cold: number[] = []
const memory: number[] = []
for (let i = 0; i < starts; i++) {
  await platform.kill('api')
  const begun = performance.now()
  const api = await platform.start('api')
  await fetch(`${platform.url}/healthz`)
  cold.push(performance.now() - begun)
  await until('it has settled', async () => (await fetch(`${platform.url}/readyz`)).ok)
  const status = await readFile(`/proc/${api.pid}/status`, 'utf8')
  memory.push(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1000)
  const gone = once(api, 'exit')
  api.kill('SIGTERM')
  await gone
}
report({ bench: 'ui', metric: 'api_cold_start_ms', value: median(cold), unit: 'ms', n: starts })
report({ bench: 'ui', metric: 'api_idle_mb', value: median(memory), unit: 'MB', n: starts })
