import type { Lead, LeadReading } from './lead.ts'

/** Whose run a step works for; every activity input carries it, and the database is bound to it. */
export type RunScope = { tenant: string; run: string }

/** Input of the `lead` workflow. The lead itself stays in the database and is read by the first step. */
export type LeadRun = RunScope & {
  /** The run this lead first started; a re-run keeps it, so that outside systems see the same lead. */
  origin: string
  /** Milliseconds. A decision is asked for again after `remindAfter`, and handed up after `dueAfter`. */
  approval: { remindAfter: number; dueAfter: number }
}

export type LeadOutcome = { outcome: 'sent' | 'call' | 'rejected'; mail: string | null; decidedBy: string }

/** Who wrote the reply that is proposed. */
export type Author = { by: 'model' | 'rules'; name: string; sandbox: boolean; repaired: boolean }
export type Assessment = { reading: LeadReading; author: Author }

export type CustomerMatch = { contact: string; created: boolean; name: string }
export type StockVehicle = {
  stock: string
  vin: string
  title: string
  year: number
  price: number | null
  color: string | null
}
export type StockCheck = { asked: string | null; exact: StockVehicle[]; similar: StockVehicle[] }
export type CrmRecord = { deal: string; note: string }

/** What a person decided, as the update carries it and the validator's refusal names it. */
export type DecisionInput = {
  decision: 'approve' | 'reject'
  text: string | null
  note: string | null
  by: { id: string; name: string }
}

export type ReadLead = { lead: Lead; title: string; notes: number }
