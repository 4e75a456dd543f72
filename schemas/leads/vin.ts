import type { VinCheck } from './lead.ts'

const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
const yearCodes = 'ABCDEFGHJKLMNPRSTVWXY123456789'
// Read in columns: the value of each character stands below it.
const characters = '0123456789ABCDEFGHJKLMNPRSTUVWXYZ'
const values = '012345678912345678123457923456789'

/** The check digit of 17 characters (49 CFR 565.15(c)): weighted sum modulo 11, ten written as X. */
export const vinCheckDigit = (vin: string): string => {
  const sum = weights.reduce(
    (total, weight, index) => total + weight * Number(values[characters.indexOf(vin[index] ?? ' ')] ?? 0),
    0,
  )
  return sum % 11 === 10 ? 'X' : String(sum % 11)
}

/** Position 10, in the 30-year cycle that position 7 tells (49 CFR 565.15(d)): a digit 1980–2009, a letter 2010–2039. */
const modelYear = (vin: string): number | null => {
  const index = yearCodes.indexOf(vin[9] ?? ' ')
  if (index === -1) return null
  return 1980 + index + (/[A-Z]/.test(vin[6] ?? '') ? 30 : 0)
}

/**
 * Whether a vehicle identification number holds together. The check digit binds only vehicles built for North
 * America (first character 1 to 5, 7F–70) from model year 1981: elsewhere it settles nothing.
 */
export const checkVin = (text: string): VinCheck => {
  const vin = text.replaceAll(/[\s-]/g, '').toUpperCase()
  const invalid = (reason: string): VinCheck => ({ result: 'invalid', reason, modelYear: null })
  if (/[^A-Z\d]/.test(vin)) return invalid('A VIN has letters and digits only.')
  if (vin.length !== 17) {
    if (vin.length >= 5 && vin.length < 17 && /\d/.test(vin))
      return {
        result: 'not_applicable',
        reason: 'Shorter than 17 characters: from before 1981, or not the whole.',
        modelYear: null,
      }
    return invalid(`A VIN has 17 characters; this has ${vin.length}.`)
  }
  if (/[IOQ]/.test(vin)) return invalid('The letters I, O and Q do not occur in a VIN.')
  if (!/^(?:[1-5]|7[F-Z0])/.test(vin))
    return {
      result: 'not_applicable',
      reason: 'Built for a market without check digits.',
      // Makers elsewhere use position 7 freely, so it does not tell the cycle.
      modelYear: null,
    }
  if (/^(.)\1{16}$/.test(vin)) return invalid('The same character throughout is a placeholder.')
  const expected = vinCheckDigit(vin)
  if (vin[8] !== expected) return invalid(`The check digit (position 9) is ${vin[8]}; it should be ${expected}.`)
  return { result: 'valid', reason: 'The check digit is right.', modelYear: modelYear(vin) }
}
