import { bounds, type Interest, interests, type LeadVehicle } from './lead.ts'
import type { Notebook } from './notes.ts'
import type { RawVehicle } from './raw.ts'
import type { Tidier } from './tidy.ts'
import { checkVin } from './vin.ts'

const interestOf = (raw: RawVehicle, book: Notebook): Interest => {
  const said = raw.interest?.text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '')
  if (!said) return 'buy'
  const known = interests.find((interest) => interest.replaceAll('-', '') === said)
  if (!known)
    book.add('interest_unknown', `The interest "${said.slice(0, 40)}" is taken as buy.`, raw.interest?.at ?? null)
  return known ?? 'buy'
}

const statusOf = (raw: RawVehicle): LeadVehicle['status'] => {
  const said = raw.status?.text.trim().toLowerCase()
  if (said === 'new') return 'new'
  return said === 'used' || said === 'cpo' || said?.startsWith('certified') ? 'used' : null
}

const yearOf = (raw: RawVehicle, tidy: Tidier, book: Notebook): number | null => {
  const year = tidy.number(raw.year)
  if (year === null) return null
  // Two digits are this century up to two years ahead of any lead seen here, else the last one.
  const full = year < 100 ? year + (year < 50 ? 2000 : 1900) : year
  if (Number.isInteger(full) && full >= 1900 && full <= 2100) return full
  book.add('year_unreadable', `${year} is not a model year; passed over.`, raw.year?.at ?? null)
  return null
}

const unitsOf = (text: string | undefined): 'mi' | 'km' | null => {
  if (/^\s*k/i.test(text ?? '')) return 'km'
  return /^\s*m/i.test(text ?? '') ? 'mi' : null
}

const vinOf = (raw: RawVehicle, tidy: Tidier, book: Notebook) => {
  const vin = tidy.word(raw.vin)?.replaceAll(/[\s-]/g, '').toUpperCase() || null
  const vinCheck = vin === null ? null : checkVin(vin)
  if (vinCheck?.result === 'invalid')
    book.add('vin_invalid', `The VIN is kept, but: ${vinCheck.reason}`, raw.vin?.at ?? null)
  return { vin, vinCheck }
}

/** One vehicle, with its interest in the words of ADF and its VIN checked. */
export const readVehicle = (raw: RawVehicle, tidy: Tidier, book: Notebook): LeadVehicle => {
  const odometer = tidy.number(raw.odometer)
  const amount = tidy.number(raw.price)
  const finance = {
    method: tidy.word(raw.financeMethod),
    downPayment: tidy.number(raw.downPayment),
    monthly: tidy.number(raw.monthly),
    total: tidy.number(raw.total),
  }
  return {
    interest: interestOf(raw, book),
    status: statusOf(raw),
    year: yearOf(raw, tidy, book),
    make: tidy.word(raw.make),
    model: tidy.word(raw.model),
    trim: tidy.word(raw.trim),
    ...vinOf(raw, tidy, book),
    stock: tidy.word(raw.stock),
    odometer: odometer === null ? null : { value: odometer, units: unitsOf(raw.odometerUnits?.text) },
    price: amount === null ? null : { amount, currency: tidy.word(raw.currency), type: tidy.word(raw.priceType) },
    bodyStyle: tidy.word(raw.bodyStyle),
    transmission: tidy.word(raw.transmission),
    exteriorColor: tidy.word(raw.exteriorColor),
    interiorColor: tidy.word(raw.interiorColor),
    options: tidy.few(
      raw.options.flatMap((option) => tidy.line(option) ?? []),
      bounds.options,
      'options',
    ),
    finance: Object.values(finance).some((value) => value !== null) ? finance : null,
    comments: tidy.text(raw.comments),
  }
}
