import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { documents, requests } from '#test/harness/steering.ts'
import { naive } from '#test/harness/steering-naive.ts'
import { compile } from './compile.ts'
import { evaluate } from './evaluate.ts'

const settings = { seed: 20_261_122, numRuns: 1500 }

test('a plan decides as if every rule were looked at in order, whatever it finds rules by', () => {
  fc.assert(
    fc.property(documents(), fc.array(requests, { minLength: 1, maxLength: 4 }), (document, all) => {
      const [plan, plainly] = [compile(document), naive(document)]
      for (const facts of all) {
        const [ours, theirs] = [evaluate(plan, facts), plainly(facts)]
        expect({ ...ours, failed: null }).toEqual({ ...theirs, failed: null })
        // a part that does not hold hides one that fails, in whichever order they are looked at
        expect(theirs.failed).toEqual(expect.arrayContaining([...ours.failed]))
      }
    }),
    settings,
  )
})
