import type { Delivery, Scenario, Switches, System } from '#schemas/sandbox.ts'

export const systems: readonly { system: System; title: string; stands: string }[] = [
  { system: 'crm', title: 'CRM', stands: 'Contacts, deals and notes, on the wire of HubSpot' },
  { system: 'dms', title: 'DMS', stands: 'Stock and customers, on the wire of Fortellis and CDK' },
  { system: 'mail', title: 'Mail', stands: 'Takes replies and delivers them nowhere' },
  { system: 'sms', title: 'Text messages', stands: 'Takes texts on the wire of Twilio; no phone rings' },
  { system: 'model', title: 'Model', stands: 'Answers by fixed rules, on the wire of OpenAI' },
]

export const scenarioWords: Record<Scenario, string> = {
  buy: 'Wants to buy',
  trade_in: 'Has a trade-in',
  test_drive: 'Asks for a test drive',
  finance: 'Asks about finance',
  service: 'Needs service',
  other: 'Something else',
  model_broken_json: 'The model answers broken JSON once',
  model_never_json: 'The model never answers JSON',
  model_slow: 'The model is slow',
  model_error: 'The model fails',
  mail_refused: 'The mail system refuses the reply',
}

/** What is wrong with a system on purpose, in a word or two; undefined when nothing is. */
export const troubleOf = ({ outage, errorRate, latencyMs }: Switches): string | undefined => {
  if (outage === 'unavailable') return 'out: answers 503'
  if (outage === 'cut') return 'out: cuts the line'
  const said = [
    errorRate > 0 ? `${Math.round(errorRate * 100)} % fail` : '',
    latencyMs >= 1000 ? `${latencyMs / 1000} s slow` : '',
  ].filter(Boolean)
  return said.length === 0 ? undefined : said.join(', ')
}

/** The receipt in the webhook's answer to a delivery, if it was accepted. */
export const receiptOf = ({ answer }: Pick<Delivery, 'answer'>): string | undefined =>
  /"receipt"\s*:\s*"(rct_[0-9a-z]{26})"/.exec(answer ?? '')?.[1]
