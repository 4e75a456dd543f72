import type { Page } from 'playwright-core'
import type { Definition } from '#schemas/automation/definition.ts'
import type { Automation } from '#schemas/automation/index.ts'
import { boxesOf, overlap, type Box } from '#ui/lib/automation/shape.ts'
import { install } from './drawn.ts'
import { stockCheck } from './stock-check.ts'
import { until } from './until.ts'
import type { Scene } from './scene.ts'

/** A step as the builder draws it. */
export const node = (page: Page, id: string) => page.locator(`.svelte-flow__node[data-id="${id}"]`)

/** What stories do with an automation of a scene in the builder. */
export function builderOf(scene: Scene) {
  const drawn = (handle: string) =>
    scene.platform.get<{ automation: Automation; definition: Definition; revision: number }>(
      `/v1/automations/${handle}`,
    )
  const open = async (page: Page, handle: string): Promise<void> => {
    await page.goto(`${scene.platform.url}/automation/${handle}`)
    await page.getByRole('application', { name: /^Canvas/ }).waitFor()
    await node(page, 'start').waitFor()
  }
  return {
    /** It as it is saved now. */
    drawn,
    /** Opens it, and waits until its steps are drawn. */
    open,
    /** Makes one that looks through cars, and opens it. */
    openNew: async (page: Page, handle: string): Promise<void> => {
      await install(scene.platform.database.db, scene.platform.ctx, stockCheck(), handle)
      await open(page, handle)
    },
    /** Waits until its draft is saved so. */
    savedAs: (handle: string, is: (definition: Definition) => boolean): Promise<Definition> =>
      until('the draft is saved', async () => {
        const { definition } = await drawn(handle)
        return is(definition) ? definition : undefined
      }),
  }
}

/** Waits until the page says that all is saved. */
export const saved = (page: Page): Promise<void> =>
  page
    .getByRole('status')
    .filter({ hasText: /^Saved$/ })
    .waitFor()

/** The pairs of steps that lie over each other. */
export const covered = ({ nodes, ...rest }: Definition): string[] => {
  const boxes = boxesOf({ nodes, ...rest })
  return nodes.flatMap((a, at) =>
    nodes
      .slice(at + 1)
      .filter((b) => a.within === b.within && overlap(boxes.get(a.id) as Box, boxes.get(b.id) as Box))
      .map((b) => `${a.id} and ${b.id}`),
  )
}
