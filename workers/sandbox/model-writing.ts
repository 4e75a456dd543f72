import { hurry } from './model-rules.ts'

/** What a conversation says by this name. */
type Known = (name: string) => unknown
type Letter = { subject: string; text: string; sms: string }

const signed = 'Your team at the dealership'
const letter = (...paragraphs: readonly string[]): string => [...paragraphs, signed].join('\n\n')
const dollars = (amount: number): string => `$${Math.round(amount).toLocaleString('en-US')}`

/** What the sandbox model has words of its own for, by the names of the fields that hold them. */
export const writtenFrom = (known: Known): Letter & Readonly<Record<string, unknown>> => ({
  ...letterFrom(known),
  ...readingFrom(known),
  ...appraisalFrom(known),
})

const reader = (known: Known) => ({
  word: (name: string): string | null => {
    const value = known(name)
    return typeof value === 'string' ? value : null
  },
  number: (name: string): number | null => {
    const value = known(name)
    return typeof value === 'number' && Number.isFinite(value) ? value : null
  },
})

/** The letters of a dealership that it knows: a price that fell, a recall, thanks for a drive; else a plain answer. */
const letterFrom = (known: Known): Letter => {
  const { word, number } = reader(known)
  const [price, was] = [number('price'), number('was')]
  const greeting = `Hello${word('name') === null ? '' : ` ${word('name')}`},`
  if (price !== null && was !== null) {
    const car = word('title') ?? 'car that you asked about'
    const stock = word('stock') === null ? '' : ` (stock ${word('stock')})`
    return {
      subject: `The ${car} now costs ${dollars(price)}`,
      text: letter(
        greeting,
        `the ${car}${stock} that you asked about costs ${dollars(price)} now, instead of ${dollars(was)}.`,
        'Would you like to see it once more? Answer with a day that suits you, and it will be at the door.',
      ),
      sms: `The ${car} costs ${dollars(price)} now (was ${dollars(was)}). Still interested? Just answer. STOP to hear no more.`,
    }
  }
  const remedy = word('remedy')
  if (remedy !== null) {
    const [model, about, campaign] = [word('model') ?? 'car', word('title') ?? 'a part', word('number')]
    return {
      subject: `Safety recall for your ${model}`,
      text: letter(
        greeting,
        `the maker calls your ${model} back${campaign === null ? '' : ` (campaign ${campaign})`}. It is about this: ${about}. ${remedy}`,
        'The repair is free of charge. Answer with a day that suits you, and we keep the time for you.',
      ),
      sms: `Safety recall${campaign === null ? '' : ` ${campaign}`} for your ${model}: ${about}. ${remedy} Answer with a day that suits you.`,
    }
  }
  const [car, salesperson] = [word('car'), word('salesperson')]
  if (car !== null && salesperson !== null) {
    const customer = word('customer')
    return {
      subject: `Your drive in the ${car}`,
      text: letter(
        customer === null ? 'Hello,' : `Hello ${customer},`,
        `thank you for driving the ${car} with us. What did you like best, and what would you still like to know?`,
        `Just answer: ${salesperson} reads it and gets back to you.`,
      ),
      sms: `Thank you for driving the ${car}! What did you like best? Any question: just answer. ${salesperson}`,
    }
  }
  return {
    subject: 'Your message to us',
    text: letter(greeting, 'thank you for your message. We have read it and come back to you today.'),
    sms: `Thank you for your message! We have read it and come back to you today. ${signed}`,
  }
}

/** What somebody who wrote wants, and whether it cannot wait. */
const readingFrom = (known: Known): Record<string, unknown> => {
  const { word } = reader(known)
  const said = word('comments') ?? word('message')
  return said === null ? {} : { summary: `They write: ${said.trim().slice(0, 300)}`, urgent: hurry.test(said) }
}

/** The year of the sandbox's stock. */
const thisYear = 2026
/** What a car that nothing is known of cost when it was new, in dollars. */
const usualPrice = 32_000
const byCondition: Readonly<Record<string, number>> = { poor: 0.8, fair: 0.9, good: 1, excellent: 1.06 }

/** What a car to be traded in may be worth: from what alike ones cost here, else from its age and its miles. */
const appraisalFrom = (known: Known): Record<string, unknown> => {
  const { word, number } = reader(known)
  const [year, mileage, average] = [number('year'), number('mileage'), number('average')]
  if (year === null || mileage === null) return {}
  const condition = word('condition') ?? 'good'
  const factor = byCondition[condition] ?? 1
  const miles = `${mileage.toLocaleString('en-US')} miles and ${condition} condition`
  const round = (value: number) => Math.round(value / 100) * 100
  if (average !== null)
    return {
      low: round(average * 0.74 * factor),
      high: round(average * 0.82 * factor),
      why: `Alike ones on our lot cost ${dollars(average)} on average; reconditioning and a fair margin are taken off. ${miles} are in it.`,
    }
  const worth = usualPrice * 0.87 ** Math.max(thisYear - year, 0) * Math.max(1 - mileage / 400_000, 0.4) * factor
  return {
    low: round(worth * 0.65),
    high: round(worth * 0.9),
    why: `Nothing alike stands on our lot, so the range is wide: it comes from the age of the car, ${miles}.`,
  }
}
