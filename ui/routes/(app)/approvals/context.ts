import type { Approval } from '#schemas/approvals.ts'
import type { Intent, LeadCustomer, LeadVehicle, Urgency } from '#schemas/leads/lead.ts'
import type { StockCheck } from '#schemas/leads/run.ts'

/** What the lead workflow gives the decider to see; another workflow may leave any of it out. */
export type LeadContext = Partial<{
  summary: string
  intent: Intent
  urgency: Urgency
  customer: LeadCustomer
  vehicles: LeadVehicle[]
  tradeIn: LeadVehicle | null
  stock: StockCheck
}>

export const contextOf = (approval: Approval): LeadContext => approval.context

/** Whether it is a lead that the decider sees, which has a card of its own: others show a customer too. */
export const isLead = ({ context }: Approval): boolean => 'intent' in context

export const intentWords: Record<Intent, string> = {
  buy: 'Wants to buy',
  trade_in: 'Has a trade-in',
  test_drive: 'Test drive',
  finance: 'Finance',
  service: 'Service',
  other: 'Other',
}

export const vehicleWords = (vehicle: LeadVehicle): string =>
  [vehicle.year, vehicle.make, vehicle.model, vehicle.trim].filter((part) => part !== null).join(' ') || 'A vehicle'

/** `$31,990`; the amount is in whole units of the currency. */
export const priceWords = (amount: number | null, currency = 'USD'): string | undefined =>
  amount === null
    ? undefined
    : new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount)
