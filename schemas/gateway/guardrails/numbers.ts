import { stepwise, type Finder } from './finder.ts'

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

/** The longest beginning of a run that ends where a number does and is what `is` takes. */
const longest = (
  text: string,
  start: number,
  end: number,
  is: (said: string, digits: string) => boolean,
): { start: number; end: number } | null => {
  for (let at = end; at > start + 6; at--) {
    if (!isDigit(text, at - 1) || isWord(text, at)) continue
    const said = text.slice(start, at)
    if (is(said, said.replaceAll(/\D/g, ''))) return { start, end: at }
  }
  return null
}

const isWord = (text: string, at: number): boolean => /^\w/.test(text.charAt(at))

const free = { after: '' }

/** ISO/IEC 7812: the first digits tell the network, and with it the length; the last one is Luhn's. */
const networks: readonly [first: RegExp, lengths: readonly number[]][] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|[689])/, [14, 16, 19]],
  [/^(?:6011|64[4-9]|65|62)/, [16, 17, 18, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
]

const luhn = (digits: string): boolean => {
  let sum = 0
  for (let n = 0; n < digits.length; n++) {
    const digit = digits.charCodeAt(digits.length - 1 - n) - 48
    sum += n % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

const isCard = (said: string, digits: string): boolean =>
  !/[ -]{2}/.test(said) &&
  networks.some(([first, lengths]) => lengths.includes(digits.length) && first.test(digits)) &&
  luhn(digits)

export const cards: Finder = stepwise(
  'card',
  [
    [String.raw`\d`, 1, 1],
    [String.raw`[\d -]`, 12, 36],
  ],
  (text, start, end) => longest(text, start, end, isCard),
  free,
)

const northAmerican = /^(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-]?)[2-9]\d{2}[ .-]?\d{4}$/
const international = /^(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){6,14}$/
const national = /^\(?0[1-9]\d{0,4}\)?[ /-]\d{2,}(?:[ -]?\d{2,}){0,3}$/
const date = /^\d{1,2}[-/]\d{1,2}[-/]\d{2,4}/

/** E.164 in the ways that people write it, and numbers of North America and of countries that dial a 0 first. */
const isPhone = (said: string, digits: string): boolean =>
  (digits.length <= 15 && international.test(said)) ||
  northAmerican.test(said) ||
  (digits.length >= 9 && digits.length <= 12 && national.test(said) && !date.test(said))

export const phones: Finder = stepwise(
  'phone',
  [
    [String.raw`[+(\d]`, 1, 1],
    [String.raw`[\d() ./-]`, 6, 24],
  ],
  (text, start, end) => longest(text, start, end, isPhone),
  { before: '(?<![A-Za-z0-9+])', after: '' },
)

/** What the Social Security Administration gives out: never 000, 666 or 9xx, 00, or 0000. */
export const ssns: Finder = stepwise(
  'ssn',
  [
    [String.raw`\d`, 3, 3],
    ['[ -]', 1, 1],
    [String.raw`\d`, 2, 2],
    ['[ -]', 1, 1],
    [String.raw`\d`, 4, 4],
  ],
  (text, start, end) => {
    const said = text.slice(start, end)
    return /^(?!000|666|9)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}$/.test(said) ? { start, end } : null
  },
  { before: '(?<![A-Za-z0-9-])', after: String.raw`(?![A-Za-z0-9]|-\d)`, begun: '-?' },
)

/** Lengths by country: the IBAN registry of SWIFT. */
const ibanLengths = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 ' +
    'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 ' +
    'LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 ' +
    'SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((one) => [one.slice(0, 2), Number(one.slice(2))]),
)

/** ISO 7064, mod 97-10: the first four come last, letters are 10 to 35. */
const isIban = (compact: string): boolean => {
  let rest = 0
  for (const sign of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(sign, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

export const ibans: Finder = stepwise(
  'iban',
  [
    ['[A-Z]', 2, 2],
    [String.raw`\d`, 2, 2],
    [String.raw`[A-Z\d ]`, 11, 40],
  ],
  (text, start, end) => {
    const length = ibanLengths.get(text.slice(start, start + 2))
    if (length === undefined) return null
    let compact = ''
    for (let at = start; at < end; at++) {
      const sign = text.charAt(at)
      if (sign !== ' ') compact += sign
      else if (text.charAt(at + 1) === ' ') return null
      if (compact.length === length) return !isWord(text, at + 1) && isIban(compact) ? { start, end: at + 1 } : null
    }
    return null
  },
  free,
)

const vinValues = '0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ'
const vinWeights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]

/** 49 CFR 565.15: the ninth sign is worked out of the others. Makers outside of North America need not keep to it. */
const isVin = (vin: string): boolean => {
  if (!/\d/.test(vin)) return false
  let sum = 0
  for (let n = 0; n < 17; n++) sum += (vinValues.indexOf(vin.charAt(n)) % 10) * (vinWeights[n] ?? 0)
  return vin.charAt(8) === (sum % 11 === 10 ? 'X' : String(sum % 11))
}

export const vins: Finder = stepwise('vin', [[String.raw`[A-HJ-NPR-Za-hj-npr-z\d]`, 17, 17]], (text, start, end) =>
  isVin(text.slice(start, end).toUpperCase()) ? { start, end } : null,
)
