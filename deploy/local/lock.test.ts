import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockHome } from './process-records.ts'

let home: string
const children: ChildProcess[] = []
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'auterity-lock-'))
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

const contender = (script: string): ChildProcess => {
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  children.push(child)
  return child
}

test('of several that start at once one gets the home; a killed owner frees it', async () => {
  const script = join(home, 'contender.ts')
  writeFileSync(
    script,
    `import { lockHome } from '${join(import.meta.dirname, 'process-records.ts')}'
     setInterval(() => {}, 1000)
     process.send('here')
     process.once('message', () => {
       try { globalThis.free = lockHome('${home}'); process.send('taken') } catch { process.send('refused') }
     })`,
  )
  const contenders = Array.from({ length: 5 }, () => contender(script))
  await Promise.all(contenders.map((child) => once(child, 'message')))
  const answers = contenders.map(async (child) => {
    const [said] = (await once(child, 'message')) as [string]
    return { child, said }
  })
  for (const child of contenders) child.send('go')
  const said = await Promise.all(answers)
  const owners = said.filter((one) => one.said === 'taken')
  expect(owners).toHaveLength(1)
  const owner = owners[0]!.child
  expect(() => lockHome(home)).toThrow(`Auterity already runs from ${home} (process ${owner.pid}).`)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  lockHome(home)()
})
