import { z } from 'zod'
import type * as plain from './lead.ts'
import { bounds, intents, interests, urgencies } from './lead.ts'

const word = z.string().trim().min(1).max(bounds.word).nullable()
const line = z.string().trim().min(1).max(bounds.line).nullable()
const text = z.string().trim().min(1).max(bounds.text).nullable()
const amount = z.number().nonnegative().nullable()

export const LeadVehicle = z.object({
  interest: z.enum(interests),
  status: z.enum(['new', 'used']).nullable(),
  year: z.int().min(1900).max(2100).nullable(),
  make: word,
  model: word,
  trim: word,
  vin: word,
  vinCheck: z
    .object({
      result: z.enum(['valid', 'invalid', 'not_applicable']),
      reason: z.string(),
      modelYear: z.int().nullable(),
    })
    .nullable(),
  stock: word,
  odometer: z.object({ value: z.number().nonnegative(), units: z.enum(['mi', 'km']).nullable() }).nullable(),
  price: z.object({ amount: z.number().nonnegative(), currency: word, type: word }).nullable(),
  bodyStyle: word,
  transmission: word,
  exteriorColor: word,
  interiorColor: word,
  options: z.array(z.string().min(1).max(bounds.line)).max(bounds.options),
  finance: z.object({ method: word, downPayment: amount, monthly: amount, total: amount }).nullable(),
  comments: text,
}) satisfies z.ZodType<plain.LeadVehicle>
export type LeadVehicle = plain.LeadVehicle

/** The normalised lead: what `parseLead` gives and every later step reads. Absent is null, never ''. */
export const Lead = z.object({
  provider: z.object({
    name: z.string().min(1).max(bounds.line),
    service: line,
    url: line,
    email: line,
    phone: word,
  }),
  leadId: line,
  leadIdSource: line,
  status: z.enum(['new', 'resend']),
  requestedAt: z.iso.datetime().nullable(),
  customer: z.object({
    firstName: line,
    lastName: line,
    fullName: line,
    email: line,
    phone: word,
    phones: z
      .array(z.object({ number: z.string().min(1).max(bounds.word), type: word, time: word }))
      .max(bounds.phones),
    address: z
      .object({
        lines: z.array(z.string().min(1).max(bounds.line)).max(5),
        city: word,
        region: word,
        postalCode: word,
        country: word,
      })
      .nullable(),
    comments: text,
    details: z
      .array(z.object({ key: z.string().min(1).max(bounds.word), value: z.string().min(1).max(bounds.line) }))
      .max(bounds.details),
    timeframe: line,
    preferredContact: z.enum(['email', 'phone']).nullable(),
  }),
  vehicles: z.array(LeadVehicle).max(bounds.vehicles),
  tradeIn: LeadVehicle.nullable(),
  vendor: z.object({ name: line, id: line }),
}) satisfies z.ZodType<plain.Lead>
export type Lead = plain.Lead

export const LeadReading = z.object({
  intent: z.enum(intents),
  urgency: z.enum(urgencies),
  summary: z.string().trim().min(1).max(bounds.summary),
  reply: z.string().trim().min(1).max(bounds.reply),
}) satisfies z.ZodType<plain.LeadReading>
export type LeadReading = plain.LeadReading
