import { expect, test } from 'vitest'
import { compileGuard } from './kinds.ts'
import { through } from './passage.ts'

/** What is found in a text, as `kind:value`. */
const foundIn = (text: string, options: object = {}): string[] => {
  const check = compileGuard('pii', options)
  if (check.does !== 'finds') throw new Error('it finds nothing')
  const found: string[] = []
  through(check.finder, text, (value, what) => {
    found.push(`${what}:${value}`)
    return null
  })
  return found
}

test.each([
  ['Write to Bob.Lee+cars@mail.example.co.uk, please.', ['email:Bob.Lee+cars@mail.example.co.uk']],
  ['(jörg@müller.de)', ['email:jörg@müller.de']],
  ['a@b.co a@b.co.', ['email:a@b.co', 'email:a@b.co']],
  ['@handle, me@localhost, 5 @ 3.50', []],
  ['Call (503) 555-2142 or +1 503.555.2142.', ['phone:(503) 555-2142', 'phone:+1 503.555.2142']],
  ['503-555-2142 2024', ['phone:503-555-2142']],
  ['(503-555-2142)', ['phone:503-555-2142']],
  [
    '5035552142, +49 (0)30 1234567, 0049 30 1234567',
    ['phone:5035552142', 'phone:+49 (0)30 1234567', 'phone:0049 30 1234567'],
  ],
  ['030/1234567 am 05-12-2024 10, 01/02/2024', ['phone:030/1234567']],
  ['In 2024 we sold 1795000000 of 11112345678 cars', []],
  ['4111 1111 1111 1111 12/27', ['card:4111 1111 1111 1111']],
  ['4111-1111-1111-1112, 4111  1111 1111 1111', []],
  [
    '378282246310005 5555555555554444 6011111111111117',
    ['card:378282246310005', 'card:5555555555554444', 'card:6011111111111117'],
  ],
  ['9999 4111111111111111', ['card:4111111111111111']],
  ['41111111111111111111111111', []],
  [
    'DE89 3704 0044 0532 0130 00 and GB82WEST12345698765432.',
    ['iban:DE89 3704 0044 0532 0130 00', 'iban:GB82WEST12345698765432'],
  ],
  ['DE88 3704 4400 5320 1300 00', []],
  ['123-45-6789, 078 05 1120', ['ssn:123-45-6789', 'ssn:078 05 1120']],
  ['000-12-3456 666-12-3456 912-12-3456 123-00-4567 123-45-0000; 123-45 6789', []],
  ['VIN 1HGCM82633A004352, 1M8GDM9AXKP042788.', ['vin:1HGCM82633A004352', 'vin:1M8GDM9AXKP042788']],
  ['1HGCM82633A004353 and extraordinarilyyy', []],
  ['10.0.0.1:80 and 1.2.3.4.5 and 300.1.1.1', ['ip:10.0.0.1']],
  ['2001:db8::ff00:42:8329, at 12:30:45, ::1, a::b', ['ip:2001:db8::ff00:42:8329', 'ip:a::b']],
  ['Driver’s license no. D123-4567 and driving licence MORGA657054', ['licence:D123-4567', 'licence:MORGA657054']],
  ['his license plate: 7ABC123; the licence is old', ['plate:7ABC123']],
])('%s', (text, found) => {
  expect(foundIn(text)).toEqual(found)
})

test('a letter of two units that begins nothing does not hold it up', () => {
  expect(foundIn('𝒜@ 𝒜@x 𝒜bob@mail.example.com')).toEqual(['email:𝒜bob@mail.example.com'])
})

test('only what is asked for is looked for', () => {
  expect(foundIn('bob@x.com 123-45-6789', { kinds: ['ssn'] })).toEqual(['ssn:123-45-6789'])
})

test('names are whole words in any case, the longest of them, also over the end of a line', () => {
  const names = ['Ann', 'Ann Lee', 'Émile Zürn']
  expect(foundIn('ANN, Anna, Ann\nLee, ann-lee, émile zürn', { kinds: [], names })).toEqual([
    'name:ANN',
    'name:Ann\nLee',
    'name:ann',
    'name:émile zürn',
  ])
})

test('patterns of one’s own are found under their names', () => {
  const patterns = [{ name: 'customer', pattern: String.raw`(?i)\bcust-\d{6}\b` }]
  expect(foundIn('CUST-123456 cust-1234567', { kinds: [], patterns })).toEqual(['customer:CUST-123456'])
})

test.each([
  ['a+', 'has no longest match'],
  ['a*?b', 'has no longest match'],
  ['(ab){2,}', 'has no longest match'],
  ['[a-z]{201}', 'meets up to 402 characters'],
  ['(', 'is no pattern of RE2'],
  ['(?=a)b', 'is no pattern of RE2'],
  ['a?', 'meets nothing at all as well'],
])('the pattern %s is refused', (pattern, why) => {
  expect(() => compileGuard('pii', { kinds: [], patterns: [{ name: 'own', pattern }] })).toThrow(why)
})
