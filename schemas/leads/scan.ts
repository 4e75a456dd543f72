/*
 * Where runs of characters end. Loops over character codes: a regular expression per name and per space was half of
 * what reading a lead took.
 */

const [tab, carriageReturn, space, quotes, slash, equals, less, greater, apostrophe] = [
  9, 13, 32, 34, 47, 61, 60, 62, 39,
]

/** `\s` of a character code. */
const isSpace = (code: number): boolean =>
  code === space || (code >= tab && code <= carriageReturn) || (code > 127 && /\s/.test(String.fromCharCode(code)))

/** Curly quotes, single and double. */
export const isCurly = (code: number): boolean =>
  code === 0x201c || code === 0x201d || code === 0x2018 || code === 0x2019

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
const isNamePart = (code: number): boolean => isLetter(code) || (code >= 48 && code <= 57) || code === 45 || code === 46

/** The first offset from `at` on that is no white space. */
export const afterSpaces = (source: string, at: number): number => {
  while (at < source.length && isSpace(source.charCodeAt(at))) at += 1
  return at
}

/** The end of a tag's name at `at`, with its prefix; `at` itself where none stands there. */
export const afterTagName = (source: string, at: number): number => {
  if (!isLetter(source.charCodeAt(at))) return at
  const end = afterNameParts(source, at + 1)
  if (source[end] !== ':') return end
  const local = afterNameParts(source, end + 1)
  return local === end + 1 ? end : local
}

const afterNameParts = (source: string, at: number): number => {
  while (isNamePart(source.charCodeAt(at))) at += 1
  return at
}

/** The end of an attribute's name at `at`: whatever is no space, quote, `=`, `/`, `<` or `>`. */
export const afterAttributeName = (source: string, at: number): number => {
  for (; at < source.length; at += 1) {
    const code = source.charCodeAt(at)
    if (code === equals || code === slash || code === less || code === greater) return at
    if (code === quotes || code === apostrophe || isCurly(code) || isSpace(code)) return at
  }
  return at
}

/** The end of a value in quotes: the offset of `quote` or, where a tag begins before it, of the `<`. */
export const afterQuoted = (source: string, at: number, quote: number): number => {
  for (; at < source.length; at += 1) {
    const code = source.charCodeAt(at)
    if (code === quote || code === less) return at
  }
  return at
}

/** The end of a value that began with a curly quote; quotes of any kind may end it. */
export const afterCurlyQuoted = (source: string, at: number): number => {
  for (; at < source.length; at += 1) {
    const code = source.charCodeAt(at)
    if (code === quotes || code === apostrophe || code === less || isCurly(code)) return at
  }
  return at
}

/** The end of a value without quotes. */
export const afterBare = (source: string, at: number): number => {
  for (; at < source.length; at += 1) {
    const code = source.charCodeAt(at)
    if (code === less || code === greater || isSpace(code)) return at
  }
  return at
}
