import { Failure } from '../failure.ts'
import { main, type Kind } from '../kind.ts'

/** A kind whose part of the platform does not exist yet: it can be drawn, says so, and keeps from being published. */
const later = (
  kind: string,
  title: string,
  icon: string,
  purpose: string,
  form: Kind['form'],
  example: Kind['example'],
): Kind => ({
  kind,
  title,
  icon,
  group: 'thinking',
  purpose,
  form,
  example,
  ports: () => main,
  fails: true,
  pure: true,
  checks: ({ node }) => [
    { code: 'not_available', level: 'error', node: node.id, message: `“${title}” nodes are not available yet.` },
  ],
  run: () => {
    throw new Failure('not_available', `“${title}” nodes are not available yet.`)
  },
})

export const agent = later(
  'agent',
  'Agent',
  'bot',
  'Hands a task to an agent and waits for its answer.',
  {
    type: 'object',
    properties: {
      agent: { type: 'string', title: 'Agent', 'x-plain': true },
      task: { type: 'string', title: 'Task', 'x-show': 'text' },
    },
    required: ['task'],
    additionalProperties: false,
  },
  { title: 'Find a time', with: { task: 'Find a time for a test drive.' } },
)

export const training = later(
  'training',
  'Training',
  'graduation-cap',
  'Starts a fine-tuning run and waits for the model.',
  {
    type: 'object',
    properties: {
      dataset: { type: 'string', title: 'Dataset', 'x-plain': true },
      model: { type: 'string', title: 'Base model', 'x-plain': true },
    },
    required: ['dataset'],
    additionalProperties: false,
  },
  { title: 'Train the reply model', with: { dataset: 'replies' } },
)
