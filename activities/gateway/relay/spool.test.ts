import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId } from '#schemas/ids.ts'
import { accounted } from '#test/harness/accounted.ts'
import type { Accounted } from './accounted.ts'
import { leftSpools } from './spool-folder.ts'
import { replay, Spool } from './spool.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'auterity-spool-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const row = (): Accounted => ({ ...accounted, id: newId('modelRequest') })
const asLost = (of: Accounted): Accounted => ({ ...of, outcome: 'lost', estimated: true })
const filesIn = async (name: string) =>
  (await readdir(join(home, 'gateway-spool', name))).filter((one) => one.endsWith('.jsonl'))
const left = async (): Promise<string[]> => {
  const found: string[] = []
  for await (const { name } of leftSpools(home)) found.push(name)
  return found
}

test('what a process leaves is found once it is gone, and not before', async () => {
  const spool = new Spool(home, 'one')
  await spool.begin(asLost(row()))
  expect(await left()).toEqual([])
  await spool.close()
  expect(await left()).toEqual(['one'])
})

test('what is over is written down as it was, what was under way as lost, each once', async () => {
  const spool = new Spool(home, 'one')
  const [over, lost, known] = [row(), row(), row()]
  await Promise.all([over, lost, known].map((one) => spool.begin(asLost(one))))
  for (const one of [over, known]) void spool.end(one)
  spool.written([known])
  await spool.close()
  const written: Accounted[] = []
  for await (const { folder } of leftSpools(home)) await replay(folder, async (rows) => void written.push(...rows))
  expect(written).toEqual([over, known, asLost(lost)])
  expect(await left()).toEqual([])
})

test('who begins in one turn goes on together, once all of them are on the disk', async () => {
  const spool = new Spool(home, 'one')
  const [first, second] = [row(), row()]
  const begun = [first, second].map((one) => spool.begin(asLost(one)))
  // nothing is appended for each of them
  expect(await filesIn('one')).toHaveLength(1)
  await begun[0]
  const [name = ''] = await filesIn('one')
  const text = await readFile(join(home, 'gateway-spool', 'one', name), 'utf8')
  expect(text.trim().split('\n')).toHaveLength(2)
  expect(text).toContain(first.id)
  expect(text).toContain(second.id)
  await spool.close()
})

test('nobody is told that one is over before it is on the disk with all that came in its turn', async () => {
  const spool = new Spool(home, 'one')
  const [early, over] = [row(), row()]
  await spool.begin(asLost(over))
  // at one go: a turn of the event loop would end in the midst of it
  const read = () => readFileSync(join(home, 'gateway-spool', 'one', '00000001.jsonl'), 'utf8')
  const begun = spool.begin(asLost(early))
  void spool.end(over)
  expect(read()).not.toContain('"over"')
  await new Promise<void>((resolve) => spool.kept(resolve))
  const text = read()
  expect(text).toContain(early.id)
  expect(text.indexOf(early.id)).toBeLessThan(text.indexOf('"over"'))
  await begun
  let isKept = false
  spool.kept(() => (isKept = true))
  expect(isKept).toBe(true)
  await spool.close()
})

test('with the disk full all who begin in a turn are told, and nothing is taken for kept', async () => {
  // the device that is always full, where the first part is to be
  await mkdir(join(home, 'gateway-spool', '.one'), { recursive: true })
  await symlink('/dev/full', join(home, 'gateway-spool', '.one', '00000001.jsonl'))
  const spool = new Spool(home, 'one')
  const told = await Promise.allSettled([row(), row()].map((one) => spool.begin(asLost(one))))
  expect(told).toMatchObject([
    { status: 'rejected', reason: { code: 'ENOSPC' } },
    { status: 'rejected', reason: { code: 'ENOSPC' } },
  ])
  const over = row()
  await expect(spool.end(over)).rejects.toThrow(/ENOSPC/)
  expect(spool.keeps(over)).toBe(false)
  await spool.close()
  expect(await readdir(join(home, 'gateway-spool'))).toEqual([])
})

test('a line that was torn by a full disk takes no other with it', async () => {
  const spool = new Spool(home, 'one')
  const one = row()
  void spool.end(one)
  await spool.close()
  await writeFile(join(home, 'gateway-spool', 'one', '00000002.jsonl'), '{"over":{"id":"mr\n')
  const written: Accounted[] = []
  for await (const { folder } of leftSpools(home)) await replay(folder, async (rows) => void written.push(...rows))
  expect(written).toEqual([one])
})

test('what memory had no room for is read back, and nothing else; then nothing is left on the disk', async () => {
  const spool = new Spool(home, 'one')
  const rows = Array.from({ length: 1200 }, row)
  const [first, ...rest] = rows as [Accounted, ...Accounted[]]
  await Promise.all(rows.map((one) => spool.begin(asLost(one))))
  void spool.end(first)
  for (const one of rest) {
    void spool.end(one)
    expect(spool.keeps(one)).toBe(true)
  }
  const late = row()
  const back: Accounted[] = []
  await spool.readBack(async (some) => {
    if (back.length === 0) {
      // one that comes while the others are read back
      void spool.end(late)
      spool.keeps(late)
    }
    back.push(...some)
  })
  expect(back).toEqual([...rest, late])
  expect(spool.isBehind).toBe(false)
  spool.written([first])
  await spool.close()
  expect(await readdir(join(home, 'gateway-spool'))).toEqual([])
})

test('a file is closed when it is large, and removed once the database has all of it', async () => {
  const spool = new Spool(home, 'one')
  const rows = Array.from({ length: 6000 }, row)
  for (const one of rows) {
    await spool.begin(asLost(one))
    void spool.end(one)
  }
  expect((await filesIn('one')).length).toBeGreaterThan(1)
  spool.written(rows)
  expect(await filesIn('one')).toHaveLength(1)
  await spool.close()
})
