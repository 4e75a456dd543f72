/**
 * The house plan: every capability that exists in code, by the one word it has in every room.
 * `test/house.test.ts` refuses a file in any room that belongs to no slug.
 */
export const capabilities = {
  tenancy: { title: 'Tenants', purpose: 'Keeps each dealer group to its own rows.' },
  identity: { title: 'Identity', purpose: 'Who a person is: password, one-time link, session.' },
  access: { title: 'People and keys', purpose: 'What a person or a key may do: roles, scopes, API keys.' },
  audit: { title: 'Audit', purpose: 'The append-only log of every fact, and who caused it.' },
  ingress: { title: 'Leads in', purpose: 'Signed webhooks become durable receipts, once each.' },
  leads: { title: 'Leads', purpose: 'What a lead says, and the workflow that answers it.' },
  gateway: { title: 'Models', purpose: 'Calls language models for the platform.' },
  steering: { title: 'Steering', purpose: 'Which model answers which request, by rules that a tenant writes.' },
  connectors: { title: 'Connectors', purpose: 'Talks to CRM, DMS and mail systems.' },
  credentials: {
    title: 'Credentials',
    purpose: 'Secrets that automations call other systems with, each for its own hosts.',
  },
  automation: { title: 'Automations', purpose: 'What operators draw, and the engine that walks it.' },
  templates: { title: 'Templates', purpose: 'Automations that are ready to be installed.' },
  approvals: { title: 'Approvals', purpose: 'Waits for a person, reminds, escalates, records who decided.' },
  runs: { title: 'Runs', purpose: 'Starts workflows exactly once and projects their histories.' },
  live: { title: 'Live feed', purpose: 'Brings every change to the screen that shows it.' },
  sandbox: { title: 'Sandbox', purpose: 'A pretend dealership with real wire formats, to try and to test.' },
  system: { title: 'System', purpose: 'Processes, their health, and pulling the plug.' },
} as const satisfies Record<string, { title: string; purpose: string }>

export type Slug = keyof typeof capabilities
