import { durationMs } from '../duration.ts'
import { Failure, Stopped } from '../failure.ts'
import { isObject, type JsonObject, type JsonSchema } from '../json.ts'
import { waysOf, type Execution, type Kind, type Outcome, type Port } from '../kind.ts'

/** Roles that may decide on approvals at all. */
const deciding = ['owner', 'admin', 'operator'] as const

const later = { remindAfter: '4h', dueAfter: '1d' } as const

export const approval: Kind = {
  kind: 'approval',
  title: 'Approval',
  icon: 'user-check',
  group: 'people',
  purpose: 'Asks a person, reminds, hands up, and goes the way they decide.',
  also: ['human', 'review', 'sign off', 'confirm', 'ask', 'form', 'permission', 'task'],
  form: {
    type: 'object',
    properties: {
      ask: { type: 'string', title: 'Question', 'x-show': 'text', description: 'What the list of approvals says.' },
      text: {
        type: 'string',
        title: 'Draft',
        'x-show': 'text',
        description: 'A text the person may change before approving, such as a reply.',
      },
      show: { title: 'Show', description: 'What the person sees beside it.', 'x-show': 'cel' },
      author: { type: 'object', title: 'Written by', 'x-show': 'cel' },
      form: {
        type: 'object',
        title: 'Fields to fill in',
        description: 'A JSON Schema of what the person is asked for.',
        'x-show': 'schema',
        'x-plain': true,
      },
      assignees: {
        type: 'object',
        title: 'Who decides',
        properties: {
          role: { type: 'string', title: 'Everybody with the role', enum: [...deciding] },
          people: {
            type: 'array',
            title: 'People',
            description: 'Each gets a mail when it opens.',
            items: { type: 'string' },
            'x-show': 'people',
          },
        },
        additionalProperties: false,
      },
      escalateTo: {
        type: 'object',
        title: 'Hand up to',
        properties: {
          role: { type: 'string', title: 'Everybody with the role', enum: [...deciding] },
          people: { type: 'array', title: 'People', items: { type: 'string' }, 'x-show': 'people' },
        },
        additionalProperties: false,
      },
      remindAfter: {
        type: 'string',
        title: 'Remind after',
        description: 'Each person whom it waits for gets a mail.',
        'x-show': 'duration',
        default: later.remindAfter,
      },
      dueAfter: {
        type: 'string',
        title: 'Due after',
        description: 'Both go on by the clock while a run is paused: who is asked was promised so.',
        'x-show': 'duration',
        default: later.dueAfter,
      },
      onDue: {
        type: 'string',
        title: 'When it is due',
        enum: ['escalate', 'expire'],
        'x-words': { escalate: 'Hand it up and go on asking', expire: 'Close it and go on by “Expired”' },
        default: 'escalate',
        'x-plain': true,
      },
      delegate: { type: 'boolean', title: 'May be passed on to somebody else', default: true, 'x-plain': true },
    },
    required: ['ask'],
    additionalProperties: false,
  },
  example: {
    title: 'Approve the reply',
    with: { ask: 'Send this reply?', text: 'Hello …', remindAfter: '4h', dueAfter: '1d' },
  },
  ports: (node): readonly Port[] => [
    { id: 'approved', title: 'Approved', tone: 'good' },
    { id: 'rejected', title: 'Rejected', tone: 'bad' },
    ...(node.with?.['onDue'] === 'expire' ? [{ id: 'expired', title: 'Expired', tone: 'neutral' as const }] : []),
  ],
  fails: true,
  pure: false,
  long: true,
  output: (node) => ({
    type: 'object',
    properties: {
      decision: { type: 'string' },
      text: { type: ['string', 'null'] },
      note: { type: ['string', 'null'] },
      by: {
        type: 'object',
        properties: { id: { type: 'string' }, name: { type: 'string' } },
        required: ['id', 'name'],
      },
      values: (node.with?.['form'] as JsonSchema | undefined) ?? { type: 'object' },
    },
    required: ['decision', 'by', 'values'],
  }),
  // in a loop or a block a way that leads nowhere is the end of the turn
  checks: ({ node, definition }) =>
    (node.within === undefined ? approval.ports(node) : [])
      .filter(({ id }) => !definition.edges.some((edge) => edge.from === node.id && edge.port === id))
      .map(({ id, title }) => ({
        code: 'approval_unhandled' as const,
        level: id === 'approved' ? ('error' as const) : ('warning' as const),
        node: node.id,
        message: `Nothing follows “${title}”.`,
      })),
  ways: (node, output) => {
    const given = isObject(output) ? output['decision'] : output
    const way = given === 'approve' ? 'approved' : given === 'reject' ? 'rejected' : given
    return waysOf(approval, node).flatMap(({ id }) => (id === way ? [id] : []))
  },
  run: async (it) => {
    try {
      return await ask(it)
    } catch (error) {
      if (error instanceof Stopped && it.kept['asked'] === true)
        await it.act('withdrawApproval', stepOf(it), {
          ...own,
          part: 'withdraw',
          title: 'Withdraw the approval',
          detached: true,
        })
      throw error
    }
  },
}

const own = { queue: 'main', tryMs: 15_000 } as const
const stepOf = (it: Execution): JsonObject => ({ step: `${it.node.id}#${it.iteration}` })

const span = (it: Execution, field: keyof typeof later): number => {
  const ms = durationMs(it.field(field) ?? later[field])
  if (ms === null)
    throw new Failure('field_invalid', `“${approval.form.properties?.[field]?.title}” is no duration like 4h.`)
  return ms
}

const ask = async (it: Execution): Promise<Outcome> => {
  const remindAfter = span(it, 'remindAfter')
  const dueAfter = span(it, 'dueAfter')
  const decided = () => it.messages('decision').at(-1)
  if (it.kept['opened'] !== true) {
    // a person may see the approval, and decide, before this run hears that it is open
    it.kept['asked'] = true
    await it.act(
      'openApproval',
      {
        ...stepOf(it),
        ask: it.field('ask'),
        text: it.field('text'),
        show: it.field('show'),
        author: it.field('author'),
        form: it.node.with?.['form'] ?? null,
        assignees: it.field('assignees'),
        escalateTo: it.field('escalateTo'),
        delegate: it.node.with?.['delegate'] !== false,
        remindAfter,
        dueAfter,
        expires: it.node.with?.['onDue'] === 'expire',
      },
      { ...own, title: 'Ask a person' },
    )
    it.kept['opened'] = true
    it.kept['next'] = it.now() + Math.min(remindAfter, dueAfter)
    it.kept['due'] = it.now() + dueAfter
    it.kept['round'] = remindAfter < dueAfter ? 1 : 2
  }
  for (;;) {
    const round = Number(it.kept['round'])
    const title = round < 3 ? 'Wait for a person' : 'Wait for a manager'
    const how = await it.wait(Number(it.kept['next']), () => decided() !== undefined, title)
    const decision = decided()
    if (decision !== undefined) {
      const { decision: word } = decision
      return { ports: [word === 'approve' ? 'approved' : 'rejected'], output: { values: {}, ...decision } }
    }
    if (how === 'told') continue
    if (round === 1) {
      await it.act('remindApprover', stepOf(it), { ...own, part: 'remind', title: 'Remind' })
      it.kept['next'] = it.kept['due'] as number
    } else if (round === 2 && it.node.with?.['onDue'] === 'expire') {
      await it.act('expireApproval', stepOf(it), { ...own, part: 'expire', title: 'Close it' })
      return { ports: ['expired'], output: { decision: 'expired', text: null, note: null, by: null, values: {} } }
    } else {
      const part = round === 2 ? 'escalate' : `remind-${round}`
      const activity = round === 2 ? 'escalateApproval' : 'remindApprover'
      await it.act(activity, stepOf(it), { ...own, part, title: round === 2 ? 'Escalate' : 'Remind again' })
      it.kept['next'] = it.now() + dueAfter
    }
    it.kept['round'] = round + 1
  }
}
