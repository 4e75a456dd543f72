import type { Definition, Edge, Json, JsonObject, JsonSchema, Node, Value, Variable } from '../automation/definition.ts'

export const categories = ['sales', 'service', 'stock', 'customers', 'part'] as const
export type Category = (typeof categories)[number]

/** What shows that a template works: what a run is given, what happens meanwhile, and what has to come of it. */
export type Sample = {
  input: JsonObject
  /** Outputs of nodes in place of executing them: waits of days, above all. */
  pins?: Record<string, Json>
  /** What is told from outside while it runs. */
  events?: readonly { type: string; key: string; data: Json }[]
  /** What people decide, by the node that asks. */
  decisions?: Readonly<Record<string, { decision: 'approve' | 'reject'; values?: JsonObject }>>
  expect: {
    outcome: string
    /** Who got mails and texts from this run, in any order. */
    mails?: readonly string[]
    texts?: readonly string[]
    /** Titles of tasks for people in the CRM. */
    tasks?: readonly string[]
    /** Appointments that the DMS then holds of this run, by how they stand. */
    appointments?: readonly string[]
  }
}

/** An automation that is ready to be installed. */
export type Template = {
  /** Its address, and the handle of what is installed from it while that is free. */
  handle: string
  title: string
  /** In one sentence. */
  purpose: string
  category: Category
  definition: Definition
  sample: Sample
}

/** `'a > b:yes > c'`: edges from one node to the next, by the port that stands behind a colon. */
export const lines = (...paths: readonly string[]): Edge[] =>
  paths.flatMap((path) => {
    const stops = path.split(' > ').map((stop) => {
      const colon = stop.indexOf(':')
      return colon === -1 ? { id: stop } : { id: stop.slice(0, colon), port: stop.slice(colon + 1) }
    })
    return stops.slice(1).map(({ id: to }, at) => {
      const { id: from, port } = stops[at] ?? { id: '' }
      return { from, ...(port === undefined ? {} : { port }), to }
    })
  })

/** The part that most templates lean on, and what it is asked for. */
export const reachHandle = 'reach-customer'
type Reach = { customer?: Value; subject: Value; text: Value; sms: Value; purpose?: string; atOnce?: boolean }

export const reach = ({ customer = { cel: 'input.customer' }, purpose = 'service', ...more }: Reach) => ({
  kind: 'subflow' as const,
  errors: [] as string[],
  with: {
    automation: reachHandle,
    input: { customer, purpose, atOnce: false, ...more },
  } satisfies Node['with'],
})

export const action = (operation: string, input: Record<string, Value>) => ({
  kind: 'action' as const,
  with: { operation, input },
})

export const end = (outcome: string, output?: Record<string, Value>) => ({
  kind: 'end' as const,
  with: { outcome, ...(output === undefined ? {} : { output }) },
})

export const object = (
  properties: Record<string, JsonSchema>,
  optional: readonly string[] = [],
  title?: string,
): JsonSchema => ({
  type: 'object',
  ...(title === undefined ? {} : { title }),
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})

/** The same where a field of a node holds it: what a person fills in, what a model is asked for. */
export const shape = (...of: Parameters<typeof object>): Record<string, Value> =>
  object(...of) as unknown as Record<string, Value>

const text = (title: string): JsonSchema => ({ type: 'string', title })
const maybe = (title: string): JsonSchema => ({ type: ['string', 'null'], title })

/** Who a run is about. */
export const customer = object(
  { name: text('Name'), email: maybe('E-mail'), phone: maybe('Mobile phone') },
  [],
  'Customer',
)

/** What a model is asked to write, in the two lengths that people read. */
export const message = shape({
  subject: { type: 'string', minLength: 1, maxLength: 120 },
  text: { type: 'string', minLength: 1, maxLength: 4000 },
  sms: { type: 'string', minLength: 1, maxLength: 320 },
})

/** The clock that letters tell the time by. */
export const zone: Variable = {
  name: 'zone',
  type: 'string',
  initial: 'America/Chicago',
  description: 'Where the clock of the store stands.',
}

export const house = `You write for a car dealership: friendly, specific, short, no prices or promises that you were
not given, signed "Your team at the dealership". Give a subject and a text for a mail, and the same as a text message
of at most 300 characters.`
