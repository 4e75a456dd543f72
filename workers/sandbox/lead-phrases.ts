import type { Scenario } from '#schemas/sandbox.ts'

/** What people write, by what they want; `{car}` is the vehicle asked about, `{trade}` the one they own. */
export const phrases = {
  buy: [
    'Is the {car} still available? I would like your best out-the-door price.',
    'I saw the {car} on your site and want to buy this week. What is the price with all fees?',
    'Interested in the {car}. Does it come in another colour? We are comparing two dealers.',
    'Looking at the {car} for my daughter. Could you send more pictures and the history report?',
    'Please send me a quote for the {car}. E-mail only please, no calls during work.',
  ],
  trade_in: [
    'What would you give me for my {trade} towards the {car}? One owner, no accidents.',
    'I want to trade in my {trade}. Could you tell me roughly what it is worth?',
    'Thinking about the {car}, but it depends on the trade-in value of my {trade}. Still owe about $6,000 on it.',
  ],
  test_drive: [
    'Could I test drive the {car} on Saturday morning?',
    'We would like to come by tomorrow after 5 pm to drive the {car}. Is it on the lot?',
    'Want to schedule a test drive of the {car} as soon as possible, my old car just died.',
  ],
  finance: [
    'What would the monthly payment on the {car} be with $3,000 down over 60 months?',
    'Do you finance with a 640 credit score? Interested in the {car}.',
    'What lease and APR offers are there on the {car} right now?',
  ],
  service: [
    'My {trade} needs an oil change and the brakes make noise. Do you have an appointment this week?',
    'I got a recall notice for my {trade}. Can your service department do it, and how long does it take?',
    'Need the 60k maintenance on my {trade}. What does it cost?',
  ],
  other: [
    'What are your opening hours on Sunday?',
    'Do you ship vehicles out of state?',
    'Are you hiring technicians at the moment?',
  ],
} as const

export type Topic = keyof typeof phrases

/** What a scenario writes under the comments to make the model misbehave. */
export const sentinels: Partial<Record<Scenario, string>> = {
  model_broken_json: '[[model:broken-json]]',
  model_never_json: '[[model:never-json]]',
  model_slow: '[[model:slow]]',
  model_error: '[[model:error]]',
}

export const timeframes = [
  'Within 48 hours',
  'Within 2 weeks',
  '1-3 months',
  'Just researching',
  'This weekend',
] as const
