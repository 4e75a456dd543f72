import { z } from 'zod'
import { turnStates } from './automation/turns.ts'
import type { Route } from './http.ts'
import { id } from './ids.ts'
import { canvasNode, nodeStates, runState, step } from './runs.ts'

const count = z.number().int()
const turns = z
  .array(z.tuple([count, count]))
  .meta({ description: 'Turns, counted from 1, as rows from the first to the last of each.', example: [[1, 500]] })

const loopTurns = z.object({
  begun: turns,
  failed: turns.meta({ description: 'Those in which a step failed, also where that was taken care of.' }),
  counts: z.partialRecord(z.enum(turnStates), count).meta({ description: 'How many turns stand how.' }),
  nodes: z
    .record(z.string(), z.partialRecord(z.enum(nodeStates), count))
    .meta({ description: 'How often each node in the loop came to what, by its id.' }),
  pages: z
    .array(z.object({ run: id('run'), first: count, last: count, state: runState, takenOver: z.boolean() }))
    .meta({
      description:
        'The runs that work through its turns, where there are so many that they are worked through in pages; those taken over are pages of an earlier run.',
    }),
  counted: z.boolean().meta({
    description: 'Whether all pages are counted in. A few more are with each time that is asked.',
  }),
})
export type LoopTurns = z.infer<typeof loopTurns>

const loopTurn = z.object({
  run: id('run').meta({ description: 'The run that worked through this turn: the one asked for, or a page of it.' }),
  nodes: z.array(canvasNode),
  steps: z.array(step),
})
export type LoopTurn = z.infer<typeof loopTurn>

const ofLoop = z.object({
  within: z
    .string()
    .max(200)
    .regex(/^\d+(?:\.\d+)*$/)
    .default('0')
    .meta({ description: 'The turns of the loops around the loop, outermost first; `0` outside of all.' }),
})

export const turnRoutes = {
  'GET /v1/runs/:run/loops/:loop': {
    summary: 'How the turns of a loop stand, over all the pages in which they are worked through',
    scope: 'runs:read',
    query: ofLoop,
    reply: loopTurns,
    problems: ['history_unreadable'],
  },
  'GET /v1/runs/:run/loops/:loop/turns/:turn': {
    summary: 'One turn of a loop: what its nodes came to, and its steps',
    scope: 'runs:read',
    query: ofLoop,
    reply: loopTurn,
    problems: ['history_unreadable'],
  },
} as const satisfies Record<string, Route>
