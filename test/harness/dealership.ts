import type { Json, JsonObject } from '#schemas/automation/definition.ts'
import { Engine } from '#schemas/automation/engine/engine.ts'
import type { EngineEnd } from '#schemas/automation/engine/state.ts'
import { Failure } from '#schemas/automation/failure.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { findTemplate } from '#schemas/templates/needs.ts'
import type { Template } from '#schemas/templates/template.ts'
import { VirtualHost } from '#schemas/automation/engine/virtual.ts'

const vehicle = {
  stock: 'U1',
  vin: 'V1',
  title: '2021 Honda CR-V',
  year: 2021,
  price: 20_000,
  color: null,
  make: 'Honda',
  model: 'CR-V',
  trim: null,
  condition: 'used',
  mileage: 1,
  since: null,
  days: 130,
}
const owner = { id: '1', name: 'Maria', email: 'maria@example.com', phone: null }
const owned = { ...vehicle, owner, lastVisit: '2026-01-02', lastWork: null }
const deal = {
  id: '1',
  title: 'CR-V U1',
  stage: null,
  amount: null,
  contact: '1',
  name: 'Maria',
  email: 'm@example.com',
  phone: null,
}
export const appointment = {
  id: '1',
  kind: 'service',
  status: 'scheduled',
  at: '2026-12-20T10:00:00Z',
  customer: null,
  vehicle: null,
  notes: null,
}
/** What the systems of a pretend dealership answer, by the operation they are asked for. */
export const answers: Record<string, Json> = {
  'crm.find_contact': { contact: null },
  'crm.upsert_contact': { contact: '1', created: true },
  'crm.read_contact': {
    contact: '1',
    name: 'Maria',
    email: 'maria@example.com',
    phone: '+15125550114',
    mayMail: true,
    mayText: 'yes',
    stopped: false,
  },
  'crm.find_deals': { deals: [deal], count: 1 },
  'dms.find_vehicles': { vehicles: [vehicle], count: 1 },
  'dms.find_owned_vehicles': { vehicles: [owned], count: 1 },
  'dms.read_appointment': { appointment },
  'dms.book_appointment': { appointment },
  'leads.read': { lead: { customer: { email: null }, vehicles: [], tradeIn: null }, title: 'A lead', notes: 0 },
  'leads.assess_by_rules': { reading: { reply: 'Hello', summary: '', intent: 'buy', urgency: 'high' }, author: {} },
  'events.await': [],
}

export type Story = {
  /** Operations that answer something else here, or fail with this code. */
  but?: Record<string, Json | Failure>
  decide?: 'approve' | 'reject'
  values?: JsonObject
  /** How long people take, in hours; nobody ever decides without. */
  after?: number
  now?: string
  reached?: Json
}
/** Runs a template with its sample in virtual time: nothing comes from outside, people decide as told. */
export const playTemplate = async (handle: string, story: Story = {}) => {
  const { definition, sample } = findTemplate(handle) as Template
  const done: { op: string; input: JsonObject; at: Date }[] = []
  let engine: Engine
  const host: VirtualHost = new VirtualHost(
    ({ node, iteration }, activity, input) => {
      // an approval asks for ever: a story that would is broken
      if (done.length > 300) return { ms: 1, fail: new Failure('endless', 'Nobody ever decides.') }
      done.push({ op: activity, input: (input['input'] ?? {}) as JsonObject, at: new Date(host.now()) })
      const { decide, values = {}, after = 1 } = story
      if (activity === 'openApproval' && decide !== undefined) {
        const data = { decision: decide, text: null, note: null, values, by: { id: 'usr', name: 'Robin' } }
        host.at(host.now() + after * 3_600_000, () =>
          engine.deliver({ node: `${node}#${iteration}`, type: 'decision', data }),
        )
      }
      const said = story.but?.[activity]
      if (said instanceof Failure) return { ms: 1, fail: said }
      // no model is there: each has a way without one
      if (activity === 'ai.answer') return { ms: 1, fail: new Failure('model_refused', 'No model.') }
      return { ms: 1, give: said ?? answers[activity] ?? {} }
    },
    async () => story.reached ?? { run: 'run_2', outcome: 'sent', output: { contact: '1', channel: 'text' } },
    undefined,
    Date.parse(story.now ?? '2026-12-01T16:00:00Z'),
  )
  const run = { id: 'run_1', automation: handle, name: definition.name, startedAt: '2026-12-01T16:00:00Z', test: false }
  engine = new Engine(kinds, { definition, input: sample.input, run }, host)
  const end: EngineEnd = await host.until(engine.run())
  return {
    came: end.end === 'completed' ? end.outcome : end,
    ops: done.map(({ op }) => op),
    done,
    hours: (host.now() - Date.parse(story.now ?? '2026-12-01T16:00:00Z')) / 3_600_000,
  }
}
