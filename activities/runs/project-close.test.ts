import { defaultPayloadConverter } from '@temporalio/common'
import { expect, test } from 'vitest'
import type { FoldedClose } from '#temporal/fold.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { testKey } from '#test/harness/database.ts'
import { toClose } from './project-close.ts'

const payloads = new PayloadReader([testKey])
const at = new Date('2026-11-21T10:00:00Z')
const failed = (failure: FoldedClose['failure']) => toClose(payloads, { phase: 'failed', at, failure, result: null })
const thrown = (...details: unknown[]): FoldedClose['failure'] => ({
  message: 'The real reason.',
  applicationFailureInfo: {
    type: 'not_ours',
    details: { payloads: details.map((one) => defaultPayloadConverter.toPayload(one)) },
  },
})

test('a run that failed says at which step', async () => {
  const { failure } = await failed(thrown({ node: 'raise', undone: [] }))
  expect(failure).toMatchObject({ code: 'not_ours', message: 'The real reason.', node: 'raise' })
})

test.each([[[]], [[{ node: null, undone: [] }]], [['a word']], [[null]], [[{ node: 7 }, {}]], [[{ node: 7 }]]])(
  'one that failed at none, or told of it in another way, names none (%j)',
  async (details) => {
    expect((await failed(thrown(...details))).failure).toMatchObject({ code: 'not_ours', node: null })
    expect((await failed({ code: 'history_lost', message: 'Gone.' })).failure).toEqual({
      code: 'history_lost',
      message: 'Gone.',
    })
  },
)
