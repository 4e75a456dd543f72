/** Which ids of tool calls a provider takes. */
export type IdRule = { shortest?: number; longest: number; letters: RegExp }

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** FNV-1a over the UTF-16 units, as so many letters: the same id always becomes the same one. */
const digest = (text: string, length: number): string => {
  let hash = ''
  for (let round = 0; hash.length < length; round++) {
    let sum = 0x811c9dc5 ^ round
    for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193)
    sum = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d) >>> 0
    for (let n = 0; n < 5 && hash.length < length; n++, sum = Math.floor(sum / 62)) hash += alphabet.charAt(sum % 62)
  }
  return hash
}

/**
 * An id as a provider takes it: the same if it fits, else one made from it, always the same one; so a call and its result still
 * find each other, and the next request begins like this one.
 */
export const fitId = (id: string, { shortest = 1, longest, letters }: IdRule): string =>
  id.length >= shortest && id.length <= longest && letters.test(id) ? id : digest(id, Math.min(longest, 24))

/** The id of a call on a wire that has none: made of its place in the dialogue. */
export const madeId = (turn: number | string, call: number, name: string): string =>
  `call_${digest(`${turn}/${call}/${name}`, 20)}`
