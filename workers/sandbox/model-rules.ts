import type { ReadLead } from './model-lead.ts'

export type Intent = 'buy' | 'trade_in' | 'test_drive' | 'finance' | 'service' | 'other'
export type Urgency = 'low' | 'normal' | 'high'

/** What gives a topic away, and how much. The topic with the highest sum wins; order decides a draw. */
const clues: readonly (readonly [Intent, number, RegExp])[] = [
  ['service', 5, /\b(oil change|recall|brakes?|maintenance|service department|tire rotation|repair|check engine)\b/i],
  ['service', 2, /\bappointment\b/i],
  ['test_drive', 5, /\btest[- ]?driv/i],
  ['test_drive', 4, /\b(to|and) drive (it|the|that)\b/i],
  ['trade_in', 5, /\b(trade[- ]?in|trade in my|trading in|give me for my|towards the)\b/i],
  ['trade_in', 2, /\b(worth|owe|appraisal)\b/i],
  ['finance', 5, /\b(monthly payment|financ\w*|credit score|lease|apr|down payment|months)\b/i],
  ['finance', 2, /\$[\d,]+ down\b/i],
  ['buy', 4, /\b(buy|purchase|out-the-door|best price|quote)\b/i],
  ['buy', 3, /\b(available|price|interested in|pictures|history report|colou?r)\b/i],
  ['other', 4, /\b(opening hours|open on|hiring|job|ship (vehicles|cars)|out of state)\b/i],
]

const byInterest: Readonly<Record<string, readonly [Intent, number]>> = {
  buy: ['buy', 1],
  'trade-in': ['trade_in', 1],
  sell: ['trade_in', 3],
  'test-drive': ['test_drive', 3],
  lease: ['finance', 3],
}

/** What a lead wants, from its words and from what it says about its vehicles. */
export const intentOf = (lead: ReadLead): Intent => {
  const text = lead.customer.comments ?? ''
  const scores = new Map<Intent, number>()
  const add = (intent: Intent, points: number) => scores.set(intent, (scores.get(intent) ?? 0) + points)
  for (const [intent, points, clue] of clues) if (clue.test(text)) add(intent, points)
  for (const { interest } of lead.vehicles) {
    const hint = byInterest[interest?.toLowerCase() ?? '']
    if (hint !== undefined) add(...hint)
  }
  if (lead.tradeIn) add('trade_in', 1)
  let best: [Intent, number] = ['other', 0]
  for (const score of scores) if (score[1] > best[1]) best = score
  return best[0]
}

/** Words of who cannot wait. */
export const hurry =
  /\b(today|tomorrow|tonight|asap|as soon as possible|right now|urgent\w*|this week(end)?|just died|saturday|48 hours)\b/i
const leisure = /\b(just (looking|researching|browsing)|no hurry|next year|[3-9]-?\d* months|someday|1-3 months)\b/i

/** How soon somebody should answer, from the words and the stated time frame. */
export const urgencyOf = (lead: ReadLead): Urgency => {
  const text = `${lead.customer.comments ?? ''} ${lead.customer.timeframe ?? ''}`
  if (hurry.test(text)) return 'high'
  return leisure.test(text) ? 'low' : 'normal'
}
