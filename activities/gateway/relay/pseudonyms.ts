import { createHmac } from 'node:crypto'

const signs = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** What is said in place of a value: `EMAIL-7K2M9Q4T`, the same for the same value at one tenant, and nobody else can work it out. */
export class Pseudonyms {
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  /** `taken`: whether it stands for another value already. */
  of(what: string, value: string, taken: (name: string) => boolean): string {
    const label =
      what
        .toUpperCase()
        .replaceAll(/[^A-Z]/g, '')
        .slice(0, 12) || 'VALUE'
    for (let n = 0; ; n++) {
      const bytes = createHmac('sha256', this.#key)
        .update(n === 0 ? value : `${value}\0${n}`)
        .digest()
      // the first 40 bits
      let name = `${label}-`
      for (let digit = 0; digit < 8; digit++) {
        const bit = digit * 5
        const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0)
        name += signs[(pair >> (11 - (bit & 7))) & 31]
      }
      if (!taken(name)) return name
    }
  }
}
