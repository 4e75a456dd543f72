import type { ReadLead, ReadVehicle } from './model-lead.ts'
import { type Intent, type Urgency, intentOf, urgencyOf } from './model-rules.ts'

export type LeadAnswer = { intent: Intent; urgency: Urgency; summary: string; reply: string }

const named = (vehicle: ReadVehicle | null | undefined): string | undefined => {
  const words = [vehicle?.year, vehicle?.make, vehicle?.model, vehicle?.trim].filter((word) => word)
  return words.length > 1 ? words.join(' ') : undefined
}

type Facts = {
  car: string
  known: boolean
  trade: string | undefined
  stock: string | undefined
  /** What the stock says, where it was asked: on the lot, sold, or not there to be known. */
  unit: 'here' | 'sold' | 'unknown'
  price: string | undefined
}

const money = (price: unknown): string | undefined => {
  const amount = typeof price === 'object' && price !== null && 'amount' in price ? price.amount : price
  return typeof amount === 'number' ? `$${Math.round(amount).toLocaleString('en-US')}` : undefined
}

const factsOf = (lead: ReadLead): Facts => {
  const wanted = lead.vehicles.find(({ interest }) => interest !== 'trade-in' && interest !== 'sell')
  const owned = lead.tradeIn ?? lead.vehicles.find(({ interest }) => interest === 'trade-in' || interest === 'sell')
  const car = named(wanted)
  return {
    car: car ?? 'vehicle you asked about',
    known: car !== undefined,
    trade: named(owned),
    stock: lead.stock?.stockNumber ?? lead.stock?.stock ?? wanted?.stock ?? undefined,
    unit: !lead.stock
      ? 'unknown'
      : [lead.stock.availability, lead.stock.status].some((word) => word?.toUpperCase() === 'SOLD')
        ? 'sold'
        : 'here',
    price: money(lead.stock?.price),
  }
}

const opening = ({ car, stock, price }: Facts): string => {
  const unit = stock === undefined ? '' : ` (stock ${stock})`
  const asked = price === undefined ? '' : ` It is listed at ${price}.`
  return `Thank you for asking about the ${car}${unit}.${asked}`
}

const goneLines = ({ car }: Facts): string[] => [
  `The ${car} has just been sold, I am sorry to say.`,
  'I can send you two or three close matches from our lot today. Which matters most to you: price, equipment or colour?',
]

const answers: Readonly<Record<Intent, (facts: Facts, text: string) => string[]>> = {
  buy: (facts, text) => [
    opening(facts),
    /price|quote|out-the-door/i.test(text)
      ? 'I am putting together a written out-the-door price with tax, title and all fees, so that you can compare it line by line.'
      : /pictures|history/i.test(text)
        ? 'I will send you a full set of pictures, inside and out, and the vehicle history report.'
        : facts.unit === 'here'
          ? 'I am happy to confirm that it is on the lot, and to answer any question about equipment and colours.'
          : 'I am checking for you what we have on the lot and what is on its way to us.',
    'Is there anything that would rule it in or out for you: colour, options, budget?',
  ],
  trade_in: (facts) => [
    facts.trade === undefined
      ? 'Thank you for thinking of us for your trade-in.'
      : `Thank you for telling us about your ${facts.trade}.`,
    'For a firm offer we need the exact mileage, the VIN and a few pictures; the appraisal in person takes about 20 minutes and the offer holds for seven days.',
    facts.known
      ? `We would put the full amount towards the ${facts.car}; if you still owe on your car, we settle that with your lender.`
      : '',
  ],
  test_drive: (facts, text) => [
    opening(facts),
    `I would gladly set up a test drive${/saturday/i.test(text) ? ' this Saturday morning' : /tomorrow/i.test(text) ? ' tomorrow' : ''}. The car will be ready at the door; please bring your driver's licence.`,
    'Would 10:00 suit you, or is the afternoon better?',
  ],
  finance: (facts, text) => [
    opening(facts),
    /lease/i.test(text)
      ? 'I will send you the current lease and APR offers for it, with the amount due at signing shown apart.'
      : 'I will send you two payment examples over 60 and 72 months, so that you see the whole cost and not only the month.',
    'A soft credit check gives you a real rate without touching your score. Shall I send you the secure link?',
  ],
  service: (facts) => [
    `Thank you for getting in touch about ${facts.trade !== undefined ? `your ${facts.trade}` : facts.known ? `your ${facts.car}` : 'your vehicle'}.`,
    'Our service department has room this week, mornings from 7:30. Recall work is free of charge, and for everything else you get a written estimate before we start.',
    'Which day suits you, and do you need a loaner car?',
  ],
  other: (_, text) => [
    /hours|open/i.test(text)
      ? 'Sales is open Monday to Saturday from 9 to 8 and on Sunday from 11 to 6.'
      : /ship|out of state/i.test(text)
        ? 'Yes, we ship out of state; a delivery quote takes us one working day and needs only your postal code.'
        : /hiring|job/i.test(text)
          ? 'Thank you for your interest in working with us. I am passing your note to our hiring manager.'
          : 'Thank you for writing to us. I have your message and will find out what you need.',
    'Is there anything else I can help you with?',
  ],
}

const labels: Readonly<Record<Intent, string>> = {
  buy: 'wants to buy',
  trade_in: 'asks about a trade-in',
  test_drive: 'asks for a test drive',
  finance: 'asks about financing',
  service: 'needs service',
  other: 'has a general question',
}

/** What the sandbox model makes of a lead; the same lead always gets the same answer. */
export const answerLead = (lead: ReadLead): LeadAnswer => {
  const [intent, urgency, facts] = [intentOf(lead), urgencyOf(lead), factsOf(lead)]
  const text = lead.customer.comments ?? ''
  const first = lead.customer.firstName ?? lead.customer.fullName?.split(' ')[0]
  const name = lead.customer.fullName ?? [first, lead.customer.lastName].filter((word) => word).join(' ')
  const about =
    intent === 'service' ? (facts.trade ?? (facts.known ? facts.car : undefined)) : facts.known ? facts.car : undefined
  const trade = facts.trade !== undefined && about !== facts.trade ? `, trade-in ${facts.trade}` : ''
  const when = lead.customer.timeframe ? `; time frame: ${lead.customer.timeframe.toLowerCase()}` : ''
  const contact = lead.customer.phone && urgency === 'high' ? `I can also call you at ${lead.customer.phone}.` : ''
  const gone = facts.unit === 'sold' && ['buy', 'test_drive', 'finance'].includes(intent)
  const body = (gone ? goneLines(facts) : answers[intent](facts, text)).filter((line) => line !== '')
  return {
    intent,
    urgency,
    summary:
      `${name === '' ? 'A customer' : name} ${labels[intent]}${about === undefined ? '' : ` (${about}${trade})`}${when}.`.slice(
        0,
        480,
      ),
    reply: [
      `Hi ${first ?? 'there'},`,
      ...body,
      ...(contact === '' ? [] : [contact]),
      'Kind regards,\nThe team at Northstar Motors',
    ].join('\n\n'),
  }
}
