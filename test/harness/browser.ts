import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { expect } from 'vitest'

const artefacts = resolve(import.meta.dirname, '../artefacts')

/** A browser that speaks to nobody but the pages it is sent to. */
const quiet = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

/** A person at a browser of their own; `complaints` is what the page has said to its console, which should be nothing. */
export type Visit = AsyncDisposable & { page: Page; context: BrowserContext; complaints: string[] }

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['AUTERITY_CHROMIUM'] ?? '/usr/bin/chromium', args: quiet })

/** An answer of the API below 500 is an answer; everything else that a page asks for has to be there. */
const isFault = (url: string, status: number): boolean =>
  new URL(url).pathname.startsWith('/v1/') ? status >= 500 : status >= 400

/** Keeps what a page says to its console, and what it asked for in vain. */
const listen = (page: Page, complaints: string[]): void => {
  page.on('console', (said) => {
    // Told with its address by `response` below; a line that is cut is for the page to show, not for the console.
    if (said.text().startsWith('Failed to load resource')) return
    if (said.type() === 'error' || said.type() === 'warning') complaints.push(`${page.url()}: ${said.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.stack ?? error.message}`))
  page.on('response', (reply) => {
    if (isFault(reply.url(), reply.status())) complaints.push(`${reply.url()} answered ${reply.status()}`)
  })
}

/** Opens a page with an empty profile, and a one-time link when one is given. */
export async function visit(browser: Browser, link?: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    colorScheme: 'light',
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  listen(page, complaints)
  if (link !== undefined) {
    await page.goto(link)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  }
  return { page, context, complaints, [Symbol.asyncDispose]: () => context.close() }
}

/** Another page of the same person, signed in as they are; what it says counts among their complaints. */
export async function newTab({ context, complaints }: Visit): Promise<AsyncDisposable & { page: Page }> {
  const page = await context.newPage()
  listen(page, complaints)
  return { page, [Symbol.asyncDispose]: () => page.close() }
}

/** Leaves a mark that a reload would wipe. */
export const mark = (page: Page): Promise<unknown> => page.evaluate(() => Object.assign(globalThis, { marked: true }))

/** Whether the page has stood since `mark`. */
export const isMarked = (page: Page): Promise<boolean> => page.evaluate(() => 'marked' in globalThis)

/** Waits until the page has what it asked for: nothing is busy, and no skeleton stands in for anything. */
export const settled = async (page: Page): Promise<void> => {
  await page.getByRole('heading', { level: 1 }).waitFor()
  // by locator: a function that is polled is made by eval, which the page's policy forbids
  await page.locator('main [aria-busy="true"]:not(button)').first().waitFor({ state: 'detached' })
  await page.evaluate('document.fonts.ready.then(() => true)')
}

/** Asks for light or dark as the operating system would, and waits until the page has followed. */
export const wish = async (page: Page, colorScheme: 'light' | 'dark'): Promise<void> => {
  await page.emulateMedia({ colorScheme })
  // a page without a theme of its own, like the API reference, follows by style alone
  await page.locator(`html[data-theme="${colorScheme}"], html:not([data-theme])`).waitFor({ state: 'attached' })
}

/** Keeps a picture of the page among the artefacts of the run. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(artefacts, { recursive: true })
  await page.screenshot({ path: join(artefacts, `${name}.png`), fullPage: true })
}

/** Expects nothing that axe objects to, in any of its rules, best practices among them; or in those given. */
export async function expectAccessible(page: Page, rules?: readonly string[]): Promise<void> {
  const axe = new AxeBuilder({ page })
  const { violations } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze()
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id} (${help}): ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  )
  expect(found, page.url()).toEqual([])
}

/** As much of a page's document as is looked at here: node's own types know no page. */
type PageDocument = {
  documentElement: { scrollWidth: number; clientWidth: number }
  querySelectorAll(selector: string): Iterable<{ getBoundingClientRect(): { right: number }; outerHTML: string }>
}

/** Expects that nobody has to scroll sideways, and names what sticks out. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const document = await page.evaluateHandle<PageDocument>('document')
  const sticksOut = await document.evaluate((it) => {
    const { scrollWidth, clientWidth } = it.documentElement
    if (scrollWidth <= clientWidth) return []
    return [...it.querySelectorAll('main *')]
      .filter((box) => box.getBoundingClientRect().right > clientWidth + 1)
      .map((box) => box.outerHTML.slice(0, 160))
  })
  expect(sticksOut, page.url()).toEqual([])
}

/** Looks at the page that stands there in light, in dark and on a phone: nothing sticks out, and axe finds nothing. */
export async function look(page: Page, name: string): Promise<void> {
  await picture(page, `${name}-light`)
  await expectAccessible(page)
  await wish(page, 'dark')
  await picture(page, `${name}-dark`)
  await expectAccessible(page, ['color-contrast']) // all that a theme changes
  await wish(page, 'light')
  await page.setViewportSize({ width: 390, height: 844 })
  await settled(page)
  await picture(page, `${name}-390`)
  await expectNoSidewaysScroll(page)
  await expectAccessible(page)
  await page.setViewportSize({ width: 1440, height: 900 })
}
