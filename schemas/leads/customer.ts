import { bounds, type LeadCustomer, type LeadPhone } from './lead.ts'
import type { Notebook } from './notes.ts'
import type { RawLead, RawPhone, Said } from './raw.ts'
import type { Tidier } from './tidy.ts'

const address = /^[^\s@<>"(),;:]{1,64}@[^\s@<>"(),;:]+\.[^\s@<>"(),;:.]{2,}$/
const detail = /^[\s*•-]*([A-Za-z][\w /()#-]{0,60}?)\s*[:=]\s*(?!\/\/)(\S.*)$/
const phoneTypes: Record<string, string> = {
  voice: 'voice',
  fax: 'fax',
  pager: 'pager',
  cellphone: 'mobile',
  cell: 'mobile',
  mobile: 'mobile',
  cellular: 'mobile',
  home: 'home',
  work: 'work',
  business: 'work',
  office: 'work',
  day: 'work',
  evening: 'home',
}
const specPhoneTypes = new Set(['voice', 'fax', 'cellphone', 'pager'])

/** An e-mail address out of `mailto:…` or `Name <…>`; null, with a note, where there is none in it. */
export const readEmail = (said: Said, tidy: Tidier, book: Notebook): string | null => {
  const line = tidy.line(said)
  if (line === null) return null
  const email = (/<([^<>]{3,250})>\s*$/.exec(line)?.[1] ?? line).replace(/^mailto:/i, '').trim()
  if (address.test(email)) return email
  book.add('email_unreadable', 'The e-mail address is not one; passed over.', said?.at ?? null)
  return null
}

export const readPhone = (raw: RawPhone, tidy: Tidier, book: Notebook): LeadPhone | null => {
  const number = tidy.word(raw.number)
  if (number === null) return null
  if (number.replaceAll(/\D/g, '').length < 3) {
    book.add('phone_unreadable', 'A phone number has hardly a digit; passed over.', raw.number?.at ?? null)
    return null
  }
  const said = tidy.word(raw.type)?.toLowerCase() ?? null
  if (said !== null && !specPhoneTypes.has(said))
    book.add('phone_type_foreign', `The phone type "${said}" is not one of ADF's.`, raw.type?.at ?? null)
  return { number, type: said === null ? null : (phoneTypes[said] ?? said), time: tidy.word(raw.time) }
}

const detailsOf = (comments: string | null): LeadCustomer['details'] =>
  (comments ?? '')
    .split('\n')
    .flatMap((line) => {
      const [, key = '', value = ''] = detail.exec(line.slice(0, 400)) ?? []
      return key === '' ? [] : [{ key: key.trim(), value: value.trim().slice(0, bounds.line).trim() }]
    })
    .slice(0, bounds.details)

const nameOf = (raw: RawLead['customer'], tidy: Tidier) => {
  const [first, middle, last] = [tidy.line(raw.firstName), tidy.line(raw.middleName), tidy.line(raw.lastName)]
  const joined = [first, middle, last].filter((part) => part !== null).join(' ')
  const fullName = tidy.line(raw.fullName) ?? tidy.line(joined ? { text: joined, at: null } : undefined)
  if (first !== null || last !== null || fullName === null) return { firstName: first, lastName: last, fullName }
  // "Doe, Jane" and "Jane van Doe": a guess good enough for a greeting.
  const [left = '', right] = fullName.split(/,\s*/, 2)
  if (right) return { firstName: right, lastName: left || null, fullName: `${right} ${left}`.trim() }
  const space = fullName.indexOf(' ')
  if (space === -1) return { firstName: fullName, lastName: null, fullName }
  return { firstName: fullName.slice(0, space), lastName: fullName.slice(space + 1), fullName }
}

/** Who asks, and how to reach them. */
export const readCustomer = (raw: RawLead['customer'], tidy: Tidier, book: Notebook): LeadCustomer => {
  const read = raw.phones.flatMap((rawPhone) => {
    const phone = readPhone(rawPhone, tidy, book)
    return phone ? [{ phone, preferred: rawPhone.preferred }] : []
  })
  const callable = read.filter(({ phone }) => phone.type !== 'fax' && phone.type !== 'pager')
  const preferred = callable.find((entry) => entry.preferred)
  const comments = tidy.text(raw.comments)
  const where = raw.address && {
    lines: raw.address.lines.flatMap((said) => tidy.line(said) ?? []).slice(0, 5),
    city: tidy.word(raw.address.city),
    region: tidy.word(raw.address.region),
    postalCode: tidy.word(raw.address.postalCode),
    country: tidy.word(raw.address.country),
  }
  const somewhere = where && (where.lines.length > 0 || where.city || where.region || where.postalCode || where.country)
  return {
    ...nameOf(raw, tidy),
    email: readEmail(raw.email, tidy, book),
    phone: (preferred ?? callable[0])?.phone.number ?? null,
    phones: tidy.few(read, bounds.phones, 'phones').map(({ phone }) => phone),
    address: somewhere ? where : null,
    comments,
    details: detailsOf(comments),
    timeframe: tidy.line(raw.timeframe),
    preferredContact: raw.emailPreferred ? 'email' : preferred ? 'phone' : null,
  }
}
