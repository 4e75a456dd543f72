import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { openBrowser, visit, type Visit } from './browser.ts'
import { evidenceOf } from './evidence.ts'
import { newPerson } from './people.ts'
import { startPlatform, type Platform } from './platform.ts'

export type Scene = {
  readonly platform: Platform
  readonly browser: Browser
  /** The owner, signed in at the Overview. */
  readonly dana: Visit
}

/**
 * Sets the scene for the stories of a file: a platform of its own, and Dana, its owner, at a browser. After each story
 * her console has to be empty; one that failed tells what the platform knows.
 */
export function setScene(options: Parameters<typeof startPlatform>[0] = {}): Scene {
  const scene: { -readonly [K in keyof Scene]?: Scene[K] } = {}
  beforeAll(async () => {
    const [platform, browser] = await Promise.all([startPlatform(options), openBrowser()])
    Object.assign(scene, { platform, browser })
    const { token } = await newPerson(platform.database.db, platform.ctx, 'owner', 'Dana Whitfield')
    scene.dana = await visit(browser, `${platform.url}/link#${token}`)
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail' && scene.platform !== undefined)
      console.error(`${task.name}:\n${await evidenceOf(scene.platform)}`)
    // each story answers for its own
    expect(scene.dana?.complaints.splice(0) ?? []).toEqual([])
  })
  afterAll(async () => {
    await scene.browser?.close()
    await scene.platform?.[Symbol.asyncDispose]()
  })
  return scene as Scene
}
