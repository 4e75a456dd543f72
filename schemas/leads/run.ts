import type { Lead, LeadReading } from './lead.ts'

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

export type ReadLead = { lead: Lead; title: string; notes: number }
