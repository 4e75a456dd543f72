import type { Definition } from '../automation/definition.ts'
import { bounds, intents, urgencies } from '../leads/lead.ts'
import type { Template } from './template.ts'

const instructions = `You answer leads for a car dealership. Read the lead and give: intent, urgency, a summary of at
most two sentences for the sales team, and a reply to the customer: friendly, specific to the vehicle and to what was
asked, no prices or promises that the lead does not contain, signed "Your sales team".`

const lead = { cel: 'steps.read.lead' }
const close = (what: 'sent' | 'call' | 'rejected') => ({
  operation: 'crm.close_lead',
  input: { lead, record: { cel: 'steps.record' }, what, by: { cel: 'steps.approve.by.name' } },
})
const result = (mail: { cel: string } | null) => ({ mail, decidedBy: { cel: 'steps.approve.by.id' } })

/** A lead is read, matched, assessed and recorded; a person approves the reply; it is sent and noted. */
export const leadResponse: Definition = {
  format: 1,
  name: 'Lead response',
  description: 'Reads a lead, finds the customer and the vehicle, drafts a reply, and sends it once a person approves.',
  input: {
    type: 'object',
    properties: {
      lead: {
        type: 'object',
        title: 'Lead',
        description: 'A JSON lead, as the webhook takes it. What a webhook brought need not be given.',
      },
    },
    additionalProperties: false,
  },
  settings: {
    title: {
      cel: 'has(input.lead) && has(input.lead.customer) && has(input.lead.customer.name) ? input.lead.customer.name : "A lead"',
    },
  },
  variables: [{ name: 'assessment', type: 'object', description: 'The reading of the lead, and who wrote it.' }],
  nodes: [
    { id: 'start', kind: 'start', title: 'A lead comes in', at: { x: 0, y: 0 } },
    { id: 'read', kind: 'action', title: 'Read the lead', at: { x: 0, y: 110 }, with: { operation: 'leads.read' } },
    {
      id: 'match',
      kind: 'action',
      title: 'Find or create the customer',
      at: { x: 0, y: 220 },
      with: { operation: 'crm.match_customer', input: { lead } },
    },
    {
      id: 'assess',
      kind: 'ai',
      title: 'Ask the model',
      at: { x: 0, y: 330 },
      with: {
        name: 'lead_reading',
        system: instructions,
        prompt: {
          cel: '{"customer": steps.read.lead.customer, "vehicles": steps.read.lead.vehicles, "tradeIn": steps.read.lead.tradeIn}',
        },
        output: {
          type: 'object',
          properties: {
            intent: { type: 'string', enum: [...intents] },
            urgency: { type: 'string', enum: [...urgencies] },
            summary: { type: 'string', minLength: 1, maxLength: bounds.summary },
            reply: { type: 'string', minLength: 1, maxLength: bounds.reply },
          },
          required: ['intent', 'urgency', 'summary', 'reply'],
          additionalProperties: false,
        },
      },
    },
    {
      id: 'by_model',
      kind: 'set',
      title: 'Take the model’s reading',
      at: { x: 0, y: 440 },
      importance: 'minor',
      with: { values: { assessment: { cel: '{"reading": steps.assess.answer, "author": steps.assess.author}' } } },
    },
    {
      id: 'rules',
      kind: 'action',
      title: 'Fall back to the rules',
      at: { x: 320, y: 330 },
      with: { operation: 'leads.assess_by_rules', input: { lead } },
    },
    {
      id: 'by_rules',
      kind: 'set',
      title: 'Take the rules’ reading',
      at: { x: 320, y: 440 },
      importance: 'minor',
      with: { values: { assessment: { cel: 'steps.rules' } } },
    },
    {
      id: 'stock',
      kind: 'action',
      title: 'Look the vehicle up in stock',
      at: { x: 0, y: 550 },
      with: { operation: 'dms.check_stock', input: { lead } },
    },
    {
      id: 'record',
      kind: 'action',
      title: 'Write to the CRM',
      at: { x: 0, y: 660 },
      with: {
        operation: 'crm.record_lead',
        input: {
          lead,
          customer: { cel: 'steps.match' },
          assessment: { cel: 'vars.assessment' },
          stock: { cel: 'steps.stock' },
        },
      },
      undo: {
        operation: 'crm.hand_back',
        input: { lead },
        title: 'Hand the deal back to a person',
        after: 'begun',
      },
    },
    {
      id: 'approve',
      kind: 'approval',
      title: 'Ask a person',
      at: { x: 0, y: 770 },
      with: {
        ask: { cel: 'steps.read.title' },
        text: { cel: 'vars.assessment.reading.reply' },
        show: {
          summary: { cel: 'vars.assessment.reading.summary' },
          intent: { cel: 'vars.assessment.reading.intent' },
          urgency: { cel: 'vars.assessment.reading.urgency' },
          customer: { cel: 'steps.read.lead.customer' },
          vehicles: { cel: 'steps.read.lead.vehicles' },
          tradeIn: { cel: 'steps.read.lead.tradeIn' },
          stock: { cel: 'steps.stock' },
        },
        author: { cel: 'vars.assessment.author' },
        remindAfter: '30m',
        dueAfter: '2h',
      },
    },
    {
      id: 'reachable',
      kind: 'decision',
      title: 'Is there an e-mail address?',
      at: { x: 0, y: 880 },
      importance: 'minor',
      with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'steps.read.lead.customer.email != null' } }] },
    },
    {
      id: 'send',
      kind: 'action',
      title: 'Send the reply',
      at: { x: 0, y: 990 },
      with: {
        operation: 'mail.send_reply',
        input: { lead, text: { cel: 'coalesce(steps.approve.text, vars.assessment.reading.reply)' } },
      },
    },
    {
      id: 'keep',
      kind: 'compensate',
      title: 'What was promised stays',
      at: { x: 0, y: 1100 },
      importance: 'minor',
      with: { do: 'keep' },
    },
    { id: 'sent', kind: 'action', title: 'Note it in the CRM', at: { x: 0, y: 1210 }, with: close('sent') },
    {
      id: 'end_sent',
      kind: 'end',
      title: 'Sent',
      at: { x: 0, y: 1320 },
      with: { outcome: 'sent', output: result({ cel: 'steps.send.mail' }) },
    },
    { id: 'call', kind: 'action', title: 'Note that somebody calls', at: { x: 320, y: 990 }, with: close('call') },
    {
      id: 'end_call',
      kind: 'end',
      title: 'To be called',
      at: { x: 320, y: 1100 },
      with: { outcome: 'call', output: result(null) },
    },
    { id: 'rejected', kind: 'action', title: 'Note the rejection', at: { x: 640, y: 880 }, with: close('rejected') },
    {
      id: 'end_rejected',
      kind: 'end',
      title: 'Rejected',
      at: { x: 640, y: 990 },
      with: { outcome: 'rejected', output: result(null) },
    },
  ],
  edges: [
    { from: 'start', to: 'read' },
    { from: 'read', to: 'match' },
    { from: 'match', to: 'assess' },
    { from: 'assess', to: 'by_model' },
    { from: 'assess', port: 'error', to: 'rules' },
    { from: 'rules', to: 'by_rules' },
    { from: 'by_model', to: 'stock' },
    { from: 'by_rules', to: 'stock' },
    { from: 'stock', to: 'record' },
    { from: 'record', to: 'approve' },
    { from: 'approve', port: 'approved', to: 'reachable' },
    { from: 'approve', port: 'rejected', to: 'rejected' },
    { from: 'reachable', port: 'yes', to: 'send' },
    { from: 'reachable', port: 'else', to: 'call' },
    { from: 'send', to: 'keep' },
    { from: 'keep', to: 'sent' },
    { from: 'sent', to: 'end_sent' },
    { from: 'call', to: 'end_call' },
    { from: 'rejected', to: 'end_rejected' },
  ],
}

export const leadResponseTemplate: Template = {
  handle: 'lead-response',
  title: 'Lead response',
  purpose: 'Reads a lead, finds customer and car, drafts a reply, and sends it once a person approves.',
  category: 'sales',
  definition: leadResponse,
  sample: {
    input: {
      lead: {
        customer: {
          name: 'Dana Whitfield',
          email: 'dana.whitfield@example.com',
          phone: '+1 512 555 0176',
          comments: 'Is the RAV4 still available, and could I drive it on Saturday?',
        },
        vehicles: [{ year: 2026, make: 'Toyota', model: 'RAV4' }],
      },
    },
    decisions: { approve: { decision: 'approve' } },
    expect: { outcome: 'sent', mails: ['dana.whitfield@example.com'] },
  },
}
