/**
 * What a lead says, whatever wire it came by. Plain types with no zod behind them, so that workflows and the
 * screen can import this file for free; the checking shapes are in `shape.ts`.
 */
export const interests = ['buy', 'lease', 'sell', 'trade-in', 'test-drive'] as const
export type Interest = (typeof interests)[number]

export const intents = ['buy', 'trade_in', 'test_drive', 'finance', 'service', 'other'] as const
export type Intent = (typeof intents)[number]

export const urgencies = ['low', 'normal', 'high'] as const
export type Urgency = (typeof urgencies)[number]

/** The most characters (UTF-16 units) or entries that a normalised lead keeps; the rest is cut, with a note. */
export const bounds = {
  word: 80,
  line: 250,
  text: 4_000,
  phones: 8,
  vehicles: 10,
  options: 40,
  details: 40,
  summary: 500,
  reply: 4_000,
} as const

/** Something odd in the document that was forgiven: what, and where (1-based; null where no place makes sense). */
export type Note = { code: string; message: string; line: number | null; column: number | null }

export type VinCheck = {
  result: 'valid' | 'invalid' | 'not_applicable'
  reason: string
  /** From position 10, or null where the number does not say. */
  modelYear: number | null
}

export type LeadPhone = { number: string; type: string | null; time: string | null }

export type LeadAddress = {
  lines: string[]
  city: string | null
  region: string | null
  postalCode: string | null
  country: string | null
}

export type LeadMoney = { amount: number; currency: string | null }

export type LeadFinance = {
  method: string | null
  downPayment: number | null
  monthly: number | null
  total: number | null
}

export type LeadVehicle = {
  interest: Interest
  status: 'new' | 'used' | null
  year: number | null
  make: string | null
  model: string | null
  trim: string | null
  vin: string | null
  vinCheck: VinCheck | null
  stock: string | null
  odometer: { value: number; units: 'mi' | 'km' | null } | null
  price: (LeadMoney & { type: string | null }) | null
  bodyStyle: string | null
  transmission: string | null
  exteriorColor: string | null
  interiorColor: string | null
  options: string[]
  finance: LeadFinance | null
  comments: string | null
}

export type LeadCustomer = {
  firstName: string | null
  lastName: string | null
  fullName: string | null
  email: string | null
  /** The best number to call: the preferred one, else the first voice or mobile number. */
  phone: string | null
  phones: LeadPhone[]
  address: LeadAddress | null
  comments: string | null
  /** `key: value` lines found in the comments, in order. */
  details: { key: string; value: string }[]
  timeframe: string | null
  preferredContact: 'email' | 'phone' | null
}

export type Lead = {
  provider: {
    name: string
    service: string | null
    url: string | null
    email: string | null
    phone: string | null
  }
  /** The provider's own id of this lead and who gave it; null where the provider gives none. */
  leadId: string | null
  leadIdSource: string | null
  status: 'new' | 'resend'
  /** ISO 8601 in UTC, milliseconds. */
  requestedAt: string | null
  customer: LeadCustomer
  /** What the customer is after; a car to trade in is in `tradeIn` instead. */
  vehicles: LeadVehicle[]
  tradeIn: LeadVehicle | null
  vendor: { name: string | null; id: string | null }
}

/** What the model, or the rules in its place, make of a lead. */
export type LeadReading = { intent: Intent; urgency: Urgency; summary: string; reply: string }
