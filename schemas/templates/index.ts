import { z } from 'zod'
import { eventType } from '../audit.ts'
import { decision } from '../approvals.ts'
import { automation, document, handle } from '../automation/index.ts'
import type { Route } from '../http.ts'
import { id } from '../ids.ts'
import { categories } from './template.ts'

const number = z.number()
const anything = z.record(z.string(), z.unknown())

const template = z.object({
  handle: z.string().meta({ example: 'appointment-reminder' }),
  title: z.string().meta({ example: 'Appointment reminder' }),
  purpose: z.string(),
  category: z.enum(categories),
  steps: z.number().int().meta({ description: 'How many steps it is drawn with.' }),
  needs: z.object({
    operations: z
      .array(z.object({ id: z.string(), title: z.string(), system: z.string() }))
      .meta({ description: 'What it does in connected systems, its parts included.' }),
    events: z
      .array(z.string())
      .meta({ description: 'What it waits for from outside.', example: ['appointment.answered'] }),
    parts: z
      .array(z.object({ handle: z.string(), title: z.string() }))
      .meta({ description: 'Templates that are installed along where they are missing.' }),
  }),
  sketch: z
    .object({
      boxes: z.array(z.object({ kind: z.string(), x: number, y: number, width: number, height: number })),
      lines: z.array(z.object({ x1: number, y1: number, x2: number, y2: number })),
    })
    .meta({ description: 'Its drawing in outline.' }),
  installed: id('automation').nullable().meta({ description: 'The automation at its handle, where there is one.' }),
})
export type TemplateCard = z.infer<typeof template>

const sample = z.object({
  input: anything,
  pins: anything.meta({ description: 'Outputs that a test run takes in place of waiting for days.' }),
  events: z.array(z.object({ type: z.string(), key: z.string(), data: z.unknown() })),
  asks: z.array(z.object({ node: z.string(), title: z.string(), decision, values: anything })).meta({
    description: 'What people are asked on the way, and what it takes them to say. Who runs it is asked too.',
  }),
})
const detail = template.extend({
  definition: document.meta({ description: 'The document that is installed.' }),
  sample: sample.meta({ description: 'What a test run of it is given, and what it is told meanwhile.' }),
})
export type TemplateDetail = z.infer<typeof detail>

export const templateRoutes = {
  'GET /v1/templates': {
    summary: 'List the automations that are ready to be installed',
    scope: 'automations:read',
    reply: z.object({ items: z.array(template) }),
  },
  'GET /v1/templates/:template': {
    summary: 'A template with its document and its sample',
    scope: 'automations:read',
    reply: detail,
  },
  'POST /v1/templates/:template/install': {
    summary: 'Install a template, and the parts that it needs; published at once where the caller may publish',
    scope: 'automations:write',
    body: z.object({
      name: z.string().trim().min(1).max(120).optional().meta({ example: 'Appointment reminder, Austin' }),
      handle: handle.optional().meta({
        description: 'The template’s own, or the next one that is free, unless given.',
        example: 'appointment-reminder-austin',
      }),
    }),
    reply: automation,
    status: 201,
    creates: true,
    problems: ['already_exists', 'automation_invalid'],
  },
} as const satisfies Record<string, Route>

export const templateInstalled = eventType(
  'template_installed',
  1,
  z.object({
    template: z.string(),
    parts: z.array(z.string()).meta({ description: 'Ids of what was installed along.' }),
  }),
)
