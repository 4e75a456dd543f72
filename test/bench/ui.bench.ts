import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { resolve } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { buildUi } from '#deploy/local/build-ui.ts'
import { openBrowser, settled, visit } from '#test/harness/browser.ts'
import { newPerson } from '#test/harness/people.ts'
import { startPlatform } from '#test/harness/platform.ts'
import { until } from '#test/harness/until.ts'
import { report, median } from './figure.ts'

const root = resolve(import.meta.dirname, '../..')
const starts = 7
type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>

await buildUi(root, () => {})
await using platform = await startPlatform({ processes: ['api'] })

/** Where a person may arrive with an empty cache: by a bookmark, a link in a mail, the address bar. */
const outside = ['/sign-in', '/link', '/setup']
const inside = [
  '/',
  '/runs',
  '/runs/run_01kqm4e0000000000000000000',
  '/approvals',
  '/approvals/apr_01kqm4e0000000000000000000',
  '/ingress',
  '/ingress/rct_01kqm4e0000000000000000000',
  '/gateway',
  '/gateway/requests/mrq_01kqm4e0000000000000000000',
  ...['routes', 'providers', 'keys'].map((part) => `/gateway/${part}`),
  '/sandbox',
  '/system',
  ...['people', 'keys', 'webhooks', 'sessions', 'password', 'audit', 'parts'].map((part) => `/settings/${part}`),
]

/** JavaScript a browser has loaded once that page stands, in bytes, each file as gzip would send it. */
const firstLoad = async (path: string, storageState?: StorageState): Promise<number> => {
  await using person = await visit(browser, undefined, storageState === undefined ? {} : { storageState })
  const sizes: Promise<number>[] = []
  person.page.on('response', (reply) => {
    if (new URL(reply.url()).pathname.endsWith('.js'))
      sizes.push(reply.body().then((body) => gzipSync(body, { level: 9 }).length))
  })
  await person.page.goto(`${platform.url}${path}`)
  await settled(person.page)
  if (storageState !== undefined) await person.page.getByText('Live', { exact: true }).waitFor()
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const { token } = await newPerson(platform.database.db, platform.ctx, 'owner')
const browser = await openBrowser()
const owner = await visit(browser, `${platform.url}/link#${token}`)
const signedIn = await owner.context.storageState()
let worst = 0
for (const path of [...outside, ...inside]) {
  const bytes = await firstLoad(path, inside.includes(path) ? signedIn : undefined)
  worst = Math.max(worst, bytes)
  report({ bench: 'ui', metric: `js_gzip_kb ${path}`, value: bytes / 1000, unit: 'kB', n: 1 })
}
await browser.close()
report({
  bench: 'ui',
  metric: 'first_load_js_gzip_kb',
  value: worst / 1000,
  unit: 'kB',
  n: outside.length + inside.length,
})

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
