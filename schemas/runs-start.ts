import { z } from 'zod'

const runInput = z
  .record(z.string(), z.unknown())
  .default({})
  .meta({
    description: 'What the run is given, as the automation declares it.',
    example: {
      lead: { customer: { name: 'Dana Whitfield', email: 'dana@example.com' }, vehicles: [{ make: 'Subaru' }] },
    },
  })

export const startRun = z.object({
  input: runInput,
  version: z
    .string()
    .max(64)
    .optional()
    .meta({ description: 'A version by its content hash; the published one unless given.' }),
})

export const testRun = z
  .object({
    definition: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'The document to test; the draft unless given.' }),
    input: runInput,
    until: z.string().max(64).optional().meta({ description: 'The node after which it ends.', example: 'match' }),
    only: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'The one node that runs; what comes before it gives its pin, or nothing.' }),
    pins: z
      .record(z.string(), z.unknown())
      .default({})
      .meta({ description: 'Outputs by node, in place of executing it; over those pinned in the document.' }),
    items: z
      .record(z.string(), z.unknown())
      .default({})
      .meta({ description: 'By loop around the one node: the item of the single turn that it makes.' }),
  })
  .refine(({ until, only }) => until === undefined || only === undefined, {
    path: ['only'],
    message: 'Either the node that runs alone, or the one after which it ends.',
  })

const rerunNode = z.strictObject({
  node: z.string().max(64),
  iteration: z
    .string()
    .max(100)
    .regex(/^(0|[1-9]\d*(\.[1-9]\d*)*)$/)
    .optional()
    .meta({
      description:
        'Which turn of the loops around it, outermost first: `2.3`. Without it a node in a loop stands for the whole outermost loop; outside of loops there is none to name.',
      example: '3',
    }),
})

/** How a run is run again; one alone, and each of many. */
export const rerunRun = z.strictObject({
  from: z
    .union([rerunNode, z.enum(['start', 'failure'])])
    .default('start')
    .meta({
      description:
        'From its start, from the step that failed, or from a node: what came before is taken over, but for steps that were undone and what came after those. In a loop the turns before are taken over too, and in the turn itself what came before the step. With another input a loop or a block is run again as a whole.',
    }),
  version: z
    .union([z.enum(['same', 'published']), z.string().regex(/^[0-9a-f]{64}$/)])
    .default('same')
    .meta({ description: 'The version that ran, the published one, or another by its content hash.' }),
  input: z.record(z.string(), z.unknown()).optional().meta({ description: 'In place of the input it had.' }),
})
export type RerunFrom = z.infer<typeof rerunRun>['from']
