/** What can be killed in demo mode. No zod in this file: the screen says what waits while the API itself is down. */
export const plugs = {
  postgres: 'Postgres',
  temporal: 'Temporal',
  sandbox: 'Sandbox',
  worker: 'Worker',
  projector: 'Projector',
  api: 'API',
} as const
export type ProcessName = keyof typeof plugs

/** What waits, and what is still safe, while a process is down. */
export const whenDown: Record<ProcessName, string> = {
  postgres: 'Nothing is accepted until it is back; what was accepted is on disk, and senders retry.',
  temporal: 'Leads are still accepted and wait in the inbox; no step begins.',
  sandbox: 'Steps that need the CRM, the DMS, the model or mail retry until it is back.',
  worker: 'Leads are still accepted and runs are started; their steps wait for a worker.',
  projector: 'Leads are still accepted and steps still run; new runs and timelines catch up when it is back.',
  api: 'This page reconnects by itself; runs go on, and senders retry their webhooks.',
}
