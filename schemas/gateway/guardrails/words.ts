import { z } from 'zod'
import { guardKind } from './kind.ts'
import { listed } from './listed.ts'

export const words = guardKind({
  title: 'Words',
  about: 'Finds words and phrases that are not to be said: names of rivals, project names, swear words.',
  sides: ['input', 'output'],
  mends: 'Each is taken out, and the text that you choose stands in its place.',
  options: z.object({
    words: z
      .array(z.string().trim().min(1).max(100))
      .min(1, 'name at least one')
      .max(2000)
      .meta({
        title: 'Words',
        description: 'Whole words and phrases; case makes no difference.',
        example: ['Project Falcon'],
      }),
    instead: z
      .string()
      .max(40)
      .default('[removed]')
      .meta({ title: 'In their place', description: 'What stands there instead.', example: '[removed]' }),
  }),
  compile: ({ words: given, instead }) => ({ does: 'finds', finder: listed('word', given), instead }),
})
