import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { buildUi } from '#deploy/local/build-ui.ts'
import type { Definition, Edge, Node } from '#schemas/automation/definition.ts'
import { openBrowser, settled, visit } from '#test/harness/browser.ts'
import { chain, drawing, install } from '#test/harness/drawn.ts'
import { newPerson } from '#test/harness/people.ts'
import { startPlatform } from '#test/harness/platform.ts'
import { median, quantile, report } from './figure.ts'

const root = resolve(import.meta.dirname, '../..')
const opens = 9
const rows = 48
/** How many px a pan goes at a time, and how often. */
const panBy = 7
const pans = 90

/** As operators draw them: lanes of steps, conditions and fields with expressions, all placed. */
const large = (count: number): Definition => {
  const lanes = Math.floor((count - 2) / rows)
  const nodes: Node[] = []
  const edges: Edge[] = chain('start', 'end')
  const at = (lane: number, row: number) => ({ x: lane * 320, y: row * 140 })
  for (let lane = 0; lane < lanes; lane++) {
    const ids = Array.from({ length: rows }, (_, row) => `n${lane}_${row}`)
    nodes.push(...ids.map((id, row) => ({ ...step(id, row), at: at(lane, row + 1) })))
    edges.push(...chain('start', ...ids, 'end'))
  }
  const end: Node = { id: 'end', kind: 'end', at: at(0, rows + 1) }
  for (let n = lanes * rows + 2; n < count; n++) {
    nodes.push({ ...step(`more${n}`, 1), at: at(lanes, n % rows) })
    edges.push(...chain('start', `more${n}`, 'end'))
  }
  const made = drawing([...nodes, end], edges, { name: `${count} nodes` })
  return { ...made, nodes: made.nodes.map((node) => (node.id === 'start' ? { ...node, at: at(0, 0) } : node)) }
}

const step = (id: string, row: number): Node => {
  if (row % 3 === 0)
    return { id, kind: 'map', title: `Prices ${id}`, with: { items: [1, 2, 3], to: { cel: 'item * 2 + index' } } }
  const title = { text: `Call {{ run.id }} about ${id}` }
  return { id, kind: 'action', title: `Task ${id}`, with: { operation: 'crm.create_task', input: { title } } }
}

/** As much of a page as is looked at here: node's own types know no page. */
type PageWindow = {
  document: { querySelectorAll(selector: string): { length: number } }
  performance: { now(): number }
  requestAnimationFrame(then: () => void): void
}

/** In ms since the page was asked for: when as many nodes as that are drawn, and painted. */
const drawnAt = async (page: Page, nodes: number): Promise<number> => {
  const window = await page.evaluateHandle<PageWindow>('window')
  return window.evaluate(
    (it, wanted) =>
      new Promise<number>((told) => {
        const look = () => {
          const { length } = it.document.querySelectorAll('.svelte-flow__node')
          it.requestAnimationFrame(() => (length >= wanted ? told(it.performance.now()) : look()))
        }
        look()
      }),
    nodes,
  )
}

/** How long each frame took, in ms, while the canvas was dragged. */
const panned = async (page: Page): Promise<number[]> => {
  const pane = await page.locator('.svelte-flow__pane').boundingBox()
  if (pane === null) throw new Error('There is no canvas.')
  // where nothing is drawn, and no map lies over it
  const [x, y] = [pane.x + pane.width - 60, pane.y + 60]
  await page.keyboard.down('Space')
  await page.mouse.move(x, y)
  await page.mouse.down()
  const window = await page.evaluateHandle<PageWindow>('window')
  const frames = window.evaluate(
    (it, most) =>
      new Promise<number[]>((told) => {
        const seen: number[] = []
        let before = it.performance.now()
        const look = () => {
          const now = it.performance.now()
          seen.push(now - before)
          before = now
          if (seen.length < most) it.requestAnimationFrame(look)
          else told(seen)
        }
        it.requestAnimationFrame(look)
      }),
    pans,
  )
  for (let n = 1; n <= pans; n++) await page.mouse.move(x - n * panBy, y - n)
  const took = await frames
  await page.mouse.up()
  await page.keyboard.up('Space')
  return took.slice(5)
}

/** How long large drawings take to open in Chromium, from an address with a warm cache, beside one of two nodes. */
export async function measureCanvas(): Promise<void> {
  await buildUi(root, () => {})
  await using platform = await startPlatform({ processes: ['api'] })
  const { db } = platform.database
  const sizes = [2, 500, 1000]
  for (const size of sizes) await install(db, platform.ctx, large(size), `nodes-${size}`)
  const { token } = await newPerson(db, platform.ctx, 'owner')
  const browser = await openBrowser()
  await using person = await visit(browser, `${platform.url}/link#${token}`)
  const { page } = person
  const took = new Map<number, number[]>(sizes.map((size) => [size, []]))
  for (let open = 0; open <= opens; open++)
    for (const size of sizes) {
      await page.goto(`${platform.url}/automation/nodes-${size}`, { waitUntil: 'commit' })
      const ms = await drawnAt(page, size)
      // the first fills the cache
      if (open > 0) took.get(size)?.push(ms)
    }
  const ms = (size: number) => median(took.get(size) ?? [])
  for (const size of [500, 1000]) {
    const metric = `canvas${size}_open_ms`
    report({ bench: 'engine', n: opens, metric, unit: 'ms', value: ms(size), baseline: ms(2) })
    await page.goto(`${platform.url}/automation/nodes-${size}`)
    await settled(page)
    await drawnAt(page, size)
    const frames = await panned(page)
    const figure = { bench: 'engine', n: frames.length, unit: 'ms' }
    report({ ...figure, metric: `canvas${size}_pan_frame_p50_ms`, value: median(frames) })
    report({ ...figure, metric: `canvas${size}_pan_frame_p95_ms`, value: quantile(frames, 0.95) })
  }
  if (person.complaints.length > 0) throw new Error(person.complaints.join('\n'))
  await browser.close()
}
