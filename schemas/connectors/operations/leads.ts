import { fields, text, whole, type Operation } from '../operation.ts'
import { assessment, lead } from './lead.ts'

export const leadsOperations = {
  'leads.read': {
    title: 'Read the lead',
    system: 'leads',
    about: 'Reads the lead that the run was started for, and gives the run its title.',
    queue: 'main',
    reads: true,
    tryMs: 15_000,
    input: fields({}),
    output: fields({
      lead,
      title: text('Title'),
      notes: whole('Oddities', { description: 'How much in the document had to be forgiven.' }),
    }),
  },
  'leads.assess_by_rules': {
    title: 'Assess by rules',
    system: 'leads',
    about: 'Reads intent and urgency by fixed rules and drafts a reply that promises nothing.',
    queue: 'main',
    reads: true,
    tryMs: 15_000,
    input: fields({ lead }),
    output: assessment,
  },
} as const satisfies Record<string, Operation>
