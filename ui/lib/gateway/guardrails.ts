import type { Guarded, Tally } from '#schemas/gateway/guardrails/index.ts'
import type { GuardKindName, Side } from '#schemas/gateway/guardrails/kind.ts'
import type { PiiKind } from '#schemas/gateway/guardrails/pii.ts'
import type { Guarding } from '#schemas/steering/actions.ts'
import { counted } from '../parts/count.ts'

export const guardKindWords: Record<GuardKindName, string> = {
  pii: 'Personal data',
  words: 'Words',
  injection: 'Prompt injection',
  tools: 'Tools',
  max_tokens: 'Length',
  schema: 'JSON Schema',
}

export const actWords: Record<Guarding, string> = { flag: 'Flag', mask: 'Mask', block: 'Block' }
export const actOptions = (none: string) => [
  { value: '', label: none },
  ...Object.entries(actWords).map(([value, label]) => ({ value, label })),
]

export const sideWords: Record<Side, string> = { input: 'What is asked', output: 'What is answered' }

export const piiWords: Record<PiiKind, string> = {
  email: 'E-mail addresses',
  phone: 'Phone numbers',
  card: 'Payment cards',
  iban: 'IBANs',
  ssn: 'US social security numbers',
  vin: 'VINs',
  licence: 'Driver’s licences',
  plate: 'License plates',
  ip: 'IP addresses',
}

const foundWords: Readonly<Record<string, readonly [one: string, more: string]>> = {
  email: ['e-mail address', 'e-mail addresses'],
  phone: ['phone number', 'phone numbers'],
  card: ['payment card', 'payment cards'],
  iban: ['IBAN', 'IBANs'],
  ssn: ['social security number', 'social security numbers'],
  vin: ['VIN', 'VINs'],
  licence: ['driver’s licence', 'driver’s licences'],
  plate: ['license plate', 'license plates'],
  ip: ['IP address', 'IP addresses'],
  name: ['name', 'names'],
  word: ['word', 'words'],
  tool: ['tool that is not allowed', 'tools that are not allowed'],
  tool_call: ['call of a tool that is not allowed', 'calls of tools that are not allowed'],
  injection: ['text that looks like an injection', 'texts that look like an injection'],
  schema: ['answer that does not fit', 'answers that do not fit'],
  question_too_long: ['question that is too long', 'questions that are too long'],
  answer_too_long: ['answer asked to be too long', 'answers asked to be too long'],
  text_as_tokens: ['text given as tokens', 'texts given as tokens'],
}

/** What was found, by kind and count; a pattern of one's own goes by its name. */
export const foundText = (found: Readonly<Record<string, number>>): string =>
  Object.entries(found)
    .map(([what, count]) => {
      const [one, more] = foundWords[what] ?? [what.replaceAll('_', ' '), what.replaceAll('_', ' ')]
      return `${count} ${count === 1 ? one : more}`
    })
    .join(', ')

const didWords: Record<Guarded['did'], string> = {
  passed: 'Nothing found',
  flagged: 'Flagged',
  masked: 'Masked',
  blocked: 'Blocked',
}

/** What a guardrail did on one request. */
export const didText = ({ kind, did }: Pick<Guarded, 'kind' | 'did'>): string => {
  if (did !== 'masked') return didWords[did]
  if (kind === 'schema') return 'Sent back once'
  return kind === 'max_tokens' ? 'Shortened' : kind === 'tools' ? 'Taken away' : didWords[did]
}

/** What one did lately, in a line. */
export const latelyText = ({ looked, flagged, masked, blocked, matches }: Tally): string => {
  if (looked === 0) return 'Nothing in 24 hours'
  const did = [
    [blocked, 'blocked'],
    [masked, 'masked'],
    [flagged, 'flagged'],
  ] as const
  const said = did.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : []))
  const requests = counted(looked, 'request')
  return said.length === 0
    ? `Nothing found in ${requests}`
    : `${counted(matches, 'match', 'matches')} in ${requests}: ${said.join(', ')}`
}

/** A list as it is typed, one to a line. */
export const linesOf = (text: string): string[] =>
  text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
