import { z } from 'zod'
import { emails, ips } from './addresses.ts'
import { firstOf, type Finder } from './finder.ts'
import { licences, plates } from './keyed.ts'
import { guardKind } from './kind.ts'
import { listed } from './listed.ts'
import { cards, ibans, phones, ssns, vins } from './numbers.ts'
import { own, wrongOwn } from './own.ts'

/** Where two of them meet at one place and are of one length, the first counts. */
const finders = {
  email: [emails],
  iban: [ibans],
  card: [cards],
  ssn: [ssns],
  phone: [phones],
  vin: [vins],
  licence: licences,
  plate: plates,
  ip: ips,
} as const satisfies Record<string, readonly Finder[]>

export type PiiKind = keyof typeof finders
export const piiKinds = Object.keys(finders) as [PiiKind, ...PiiKind[]]

const kinds = z
  .array(z.enum(piiKinds))
  .max(piiKinds.length)
  .default([...piiKinds])
  .meta({
    title: 'What to look for',
    description:
      'Payment cards by network and Luhn’s digit, IBANs by country and checksum, US social security numbers, VINs by their check digit, IPv4 and IPv6. Licences and plates are known by the words before them alone.',
    example: ['email', 'phone', 'card'],
  })

const names = z
  .array(z.string().trim().min(2, 'has at least two characters').max(100))
  .max(2000)
  .default([])
  .meta({ title: 'Names', description: 'Whole words; case makes no difference.', example: ['Jordan Reyes'] })

const patterns = z
  .array(
    z.object({
      name: z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,30}$/, 'is made of small letters, digits and _, and begins with a letter')
        .refine(
          (name) => !(piiKinds as readonly string[]).includes(name) && name !== 'name',
          'is the name of a kind that there is',
        ),
      pattern: z
        .string()
        .min(1)
        .max(500)
        .superRefine((pattern, ctx) => {
          const wrong = wrongOwn(pattern)
          if (wrong !== null) ctx.addIssue({ code: 'custom', message: wrong })
        }),
    }),
  )
  .max(50)
  .default([])
  .meta({
    title: 'Patterns of your own',
    description: 'Of RE2, each with a longest match: of an answer that comes bit by bit, so much is held back.',
    example: [{ name: 'customer', pattern: String.raw`\bCUST-[0-9]{6}\b` }],
  })

export const pii = guardKind({
  title: 'Personal data',
  about: 'Finds addresses, numbers and names that are about a person.',
  sides: ['input', 'output'],
  mends:
    'Each value is replaced by a placeholder, the same one for the same value. In the answer the caller gets the value back.',
  options: z
    .object({ kinds, names, patterns })
    .refine((given) => given.kinds.length + given.names.length + given.patterns.length > 0, 'say what to look for'),
  compile: ({ kinds: wanted, names: people, patterns: own_ }) => ({
    does: 'finds',
    instead: null,
    finder: firstOf([
      ...piiKinds.flatMap((kind) => (wanted.includes(kind) ? finders[kind] : [])),
      ...(people.length === 0 ? [] : [listed('name', people)]),
      ...own_.map(({ name, pattern }) => own(name, pattern)),
    ]),
  }),
})
