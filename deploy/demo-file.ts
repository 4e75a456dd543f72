import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What the demo tenant's owner would have noted down when it was shown once. */
const demoSecrets = z.object({ apiKey: z.string(), colleagueKey: z.string(), secret: z.string() })
export type DemoSecrets = z.infer<typeof demoSecrets>

const fileOf = (home: string): string => join(home, 'demo.json')

/** The secrets noted in `home`; null where there are none, or none that can be read. */
export function readDemoFile(home: string): DemoSecrets | null {
  try {
    return demoSecrets.parse(JSON.parse(readFileSync(fileOf(home), 'utf8')))
  } catch {
    // lost, cut short or of another time: new ones are made
    return null
  }
}

/** Notes the secrets for their owner's eyes only, whole or not at all. */
export function writeDemoFile(home: string, secrets: DemoSecrets): void {
  mkdirSync(home, { recursive: true })
  const partial = `${fileOf(home)}.${process.pid}`
  writeFileSync(partial, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(partial, fileOf(home))
}
