import { type Random, pick } from './random.ts'

/** A character's value is its place here modulo ten (49 CFR 565.15, table III). */
const PLACES = '0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ'
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
/** 49 CFR 565: position 10 from 2010 on; I, O, Q, U, Z and 0 are not used. */
const YEARS = 'ABCDEFGHJKLMNPRSTVWXY123456789'
const LETTERS = Array.from('ABCDEFGHJKLMNPRSTUVWXYZ')

/** The check digit (position 9) of a 17-character VIN: weighted sum modulo 11, ten written as X (49 CFR 565.15). */
export const checkDigit = (vin: string): string => {
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * (PLACES.indexOf(vin.charAt(at)) % 10), 0)
  return sum % 11 === 10 ? 'X' : String(sum % 11)
}

/** True for 17 allowed characters with the right check digit. */
export const isVin = (vin: string): boolean => /^[A-HJ-NPR-Z0-9]{17}$/.test(vin) && vin[8] === checkDigit(vin)

/** A valid VIN of a maker (3-character WMI), a model year (2010 to 2039) and a serial number. */
export const makeVin = (random: Random, maker: string, year: number, serial: number): string => {
  const description = Array.from({ length: 5 }, () => pick(random, LETTERS)).join('')
  const tail = `${YEARS[(year - 2010) % YEARS.length]}${pick(random, LETTERS)}${String(serial).padStart(6, '0')}`
  const open = `${maker}${description}0${tail}`
  return `${open.slice(0, 8)}${checkDigit(open)}${open.slice(9)}`
}
