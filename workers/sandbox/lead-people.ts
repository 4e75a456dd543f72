import { type Random, chance, pick, whole } from './random.ts'
import { regulars } from './regulars.ts'

export type Person = { first: string; last: string; email: string; phone: string; city: string; zip: string }

const firsts = 'Emma Liam Sofia Noah Olivia Ethan Camila Marcus Grace Andre Hannah Luis Keisha Ryan Mei Omar'.split(' ')
const lasts =
  "Carter Johnson Martinez O'Brien Patel Kowalski Kim Thompson Okafor Schmidt Rivera Chen Novak Hayes".split(' ')
const towns = [
  ['Austin', '78704'],
  ['Round Rock', '78664'],
  ['Cedar Park', '78613'],
  ['San Marcos', '78666'],
  ['Georgetown', '78626'],
] as const
const domains = ['example.com', 'example.org', 'example.net'] as const

/** Somebody who could write to the store: now and then one it knows. Addresses and numbers are reserved ones. */
export const makePerson = (random: Random, serial: number): Person => {
  const [city, zip] = pick(random, towns)
  if (chance(random, 0.08)) {
    const { first, last, email, phone } = pick(random, regulars)
    return { first, last, email, phone, city, zip }
  }
  const [first, last] = [pick(random, firsts), pick(random, lasts)]
  const mailbox = `${first}.${last.replace("'", '')}${serial}`.toLowerCase()
  // 555-0100 to 555-0199 are set aside for fiction in the North American Numbering Plan.
  const phone = `(${pick(random, ['512', '737', '210', '830'])}) 555-01${String(whole(random, 0, 99)).padStart(2, '0')}`
  return { first, last, email: `${mailbox}@${pick(random, domains)}`, phone, city, zip }
}
