import { bounds, type Intent, type Lead, type LeadReading, type LeadVehicle, type Urgency } from './lead.ts'

/** The first rule that matches decides; words are looked for in the customer's own text. */
const intentWords: readonly [Intent, RegExp][] = [
  ['test_drive', /\b(?:test[\s-]?drive|drive it|see it in person|come (?:in|by|over)|visit)\b/i],
  ['service', /\b(?:oil change|service appointment|repair|brakes?|recall|maintenance|tire rotation|check engine)\b/i],
  ['finance', /\b(?:financ(?:e|ing)|monthly|down ?payment|apr|interest rate|credit|lease terms?|loan|pre-?approv)/i],
  ['trade_in', /\b(?:trade[\s-]?in|trading in|my trade|appraisal|what is my (?:car|truck) worth|sell my)\b/i],
]

const soon =
  /\b(?:today|tonight|tomorrow|asap|urgent|right away|immediately|as soon as|this (?:week|weekend)|within 48|24 hours)\b/i
const later =
  /\b(?:just (?:looking|browsing)|no rush|next year|(?:few|couple|three|six|3|6) months?|someday|not in a hurry)\b/i

const intentOf = (lead: Lead, text: string): Intent => {
  const worded = intentWords.find(([, words]) => words.test(text))?.[0]
  if (worded) return worded
  const [first] = lead.vehicles
  if (first?.interest === 'test-drive') return 'test_drive'
  if (first?.finance ?? first?.interest === 'lease') return 'finance'
  if (first) return 'buy'
  return lead.tradeIn ? 'trade_in' : 'other'
}

const urgencyOf = (lead: Lead, text: string): Urgency => {
  if (later.test(text)) return 'low'
  return soon.test(text) || lead.status === 'resend' ? 'high' : 'normal'
}

const nameOf = (vehicle: LeadVehicle | null | undefined): string =>
  [vehicle?.year, vehicle?.make, vehicle?.model, vehicle?.trim]
    .filter((part) => part !== null && part !== undefined)
    .join(' ')

const within = (text: string, max: number): string =>
  text.length <= max
    ? text
    : `${text
        .slice(0, max - 1)
        .replace(/[\ud800-\udbff]$/, '')
        .trimEnd()}…`

const asks: Record<Intent, (vehicle: string) => string> = {
  buy: (vehicle) => `asks about ${vehicle || 'a vehicle'}`,
  trade_in: (vehicle) => `has a vehicle to trade in${vehicle ? ` and asks about ${vehicle}` : ''}`,
  test_drive: (vehicle) => `wants to see or drive ${vehicle || 'a vehicle'}`,
  finance: (vehicle) => `asks how to finance ${vehicle || 'a vehicle'}`,
  service: () => 'asks for service',
  other: () => 'asks to be contacted',
}

const answers: Record<Intent, (vehicle: string) => string> = {
  buy: (vehicle) => `We are checking ${vehicle || 'our stock'} for you and will confirm whether we have it.`,
  trade_in: () => 'We would be glad to value your vehicle. Its mileage and a few photos help us to be exact.',
  test_drive: (vehicle) =>
    `We would be glad to have ${vehicle || 'the vehicle'} ready for you. Which day and time suit you?`,
  finance: (vehicle) =>
    `We will put together the options for ${vehicle || 'your vehicle'}. Do you have a monthly amount in mind?`,
  service: () => 'We would be glad to help. Which day suits you, and what is the mileage of your vehicle?',
  other: () => 'What can we do for you?',
}

/**
 * Reads a lead by fixed rules: what answers when the model does not. The reply promises nothing that nobody has
 * checked (no stock, price or appointment).
 */
export const readByRules = (lead: Lead): LeadReading => {
  const { customer, provider, vendor } = lead
  const text = [customer.comments, customer.timeframe, ...lead.vehicles.map(({ comments }) => comments)].join('\n')
  const intent = intentOf(lead, text)
  const vehicle = nameOf(lead.vehicles[0])
  const trade = nameOf(lead.tradeIn)
  const comments = customer.comments?.replaceAll(/\s+/g, ' ')
  const summary = [
    `${customer.fullName ?? customer.email ?? customer.phone ?? 'A customer'} ${asks[intent](vehicle && `the ${vehicle}`)} (through ${provider.name}).`,
    trade && `To trade in: ${trade}.`,
    customer.timeframe && `When: ${customer.timeframe}.`,
    comments && `In their words: “${comments}”`,
  ]
  const reply = [
    customer.firstName ? `Hello ${customer.firstName},` : 'Hello,',
    `Thank you for ${vehicle ? `your interest in the ${vehicle}` : 'your message'}. ${answers[intent](vehicle && `the ${vehicle}`)}`,
    ...(trade && intent !== 'trade_in'
      ? [`We also saw that you have a ${trade} to trade in and will gladly value it.`]
      : []),
    customer.preferredContact === 'phone' ? 'A member of our team will call you.' : 'You can answer at any time.',
    `Kind regards,\n${vendor.name ?? 'Your dealership team'}`,
  ]
  return {
    intent,
    urgency: urgencyOf(lead, text),
    summary: within(summary.filter(Boolean).join(' '), bounds.summary),
    reply: within(reply.join('\n\n'), bounds.reply),
  }
}
