/** JSON as it is written, as far as it has come, and the same with its escapes read. */
export type Read = {
  said: string
  /** Where in what is written a character of `said` begins; one more for the end. Null where they are the same. */
  at: readonly number[] | null
  /** How much of what is written is read: an escape that is cut off waits. */
  length: number
}

const short: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

/** Reads the escapes of JSON wherever they are: outside of texts there are none. */
export function readEscapes(written: string): Read {
  let next = written.indexOf('\\')
  if (next === -1) return { said: written, at: null, length: written.length }
  let said = ''
  const at: number[] = []
  let from = 0
  while (next !== -1) {
    for (let n = from; n < next; n++) at.push(n)
    said += written.slice(from, next)
    const sign = written.charAt(next + 1)
    const long = sign === 'u' ? 6 : 2
    if (next + long > written.length) return { said, at: [...at, next], length: next }
    const code = sign === 'u' ? Number.parseInt(written.slice(next + 2, next + 6), 16) : 0
    said += sign === 'u' ? String.fromCharCode(code) : (short[sign] ?? sign)
    at.push(next)
    from = next + long
    next = written.indexOf('\\', from)
  }
  for (let n = from; n < written.length; n++) at.push(n)
  return { said: said + written.slice(from), at: [...at, written.length], length: written.length }
}

/** A text as it stands between the quotes of JSON. */
export const escaped = (text: string): string => JSON.stringify(text).slice(1, -1)
