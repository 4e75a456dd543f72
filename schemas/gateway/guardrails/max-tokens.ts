import { z } from 'zod'
import { guardKind } from './kind.ts'

const most = z.int('is a whole number').min(1).max(10_000_000)

export const maxTokens = guardKind({
  title: 'Length',
  about: 'Says how long a question may be, and an answer.',
  sides: ['input'],
  mends: 'An answer is told to be no longer. A question that is too long is refused.',
  options: z
    .object({
      input: most
        .optional()
        .meta({ title: 'Tokens of a question', description: 'About so many: they are estimated.', example: 20_000 }),
      output: most.optional().meta({
        title: 'Tokens of an answer',
        description: 'Who asks for no length gets this one, unless it only flags.',
        example: 2_000,
      }),
    })
    .refine(({ input, output }) => input !== undefined || output !== undefined, 'say one of the two'),
  compile: ({ input = null, output = null }) => ({ does: 'limits', input, output }),
})
