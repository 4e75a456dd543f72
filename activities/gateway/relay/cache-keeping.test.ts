import { expect, test } from 'vitest'
import { accounted } from '#test/harness/accounted.ts'
import { readAsked } from './asked.ts'
import { Keeping, type Came } from './cache-keeping.ts'

const asked = readAsked('embeddings', Buffer.from('{"model":"fast","input":"Good day"}'))
const kept = (goOn: (keeping: Keeping) => void) => {
  if ('why' in asked) throw new Error(asked.why)
  const [told, came]: [string[], Came[]] = [[], []]
  const sink = {
    begin: (status: number) => void told.push(String(status)),
    write: () => true,
    end: () => void told.push('end'),
    cut: () => void told.push('cut'),
    drained: (go: () => void) => go(),
  }
  const keeping = new Keeping(asked, sink, (one) => void came.push(one))
  keeping.begin(200, { 'content-type': 'application/json' })
  keeping.write('{"data":[{"embedding":[1]}]}')
  goOn(keeping)
  keeping.wrote(accounted)
  keeping.over()
  return { told, came }
}

test('what came whole is kept; what was cut is cut for who asked as well, and nothing of it is kept', () => {
  expect(kept((keeping) => keeping.end())).toMatchObject({ told: ['200', 'end'], came: [{ answer: {} }] })
  expect(kept((keeping) => keeping.cut())).toEqual({ told: ['200', 'cut'], came: ['nothing'] })
})
