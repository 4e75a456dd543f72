import type { Notebook } from './notes.ts'
import {
  afterAttributeName,
  afterBare,
  afterCurlyQuoted,
  afterQuoted,
  afterSpaces,
  afterTagName,
  isCurly,
} from './scan.ts'

export type XmlAttribute = { name: string; value: string }

/** An element of a document; names are lower case without prefix, `text` is its own text, in order, decoded. */
export type XmlElement = {
  name: string
  attributes: readonly XmlAttribute[]
  children: XmlElement[]
  text: string
  offset: number
}

const maxDepth = 64
const maxElements = 5_000
const maxAttributes = 32

const [doubleQuote, singleQuote] = [34, 39]

const none: readonly XmlAttribute[] = []
const reference = /&(?:#x([\da-f]{1,6});|#(\d{1,7});|([a-z]\w{0,15});)?/gi
const predefined: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const character = (code: number): string =>
  code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code)

/** Decodes the five predefined entities and numeric references; everything else stays as it is, with a note. */
const decode = (text: string, at: number, book: Notebook): string =>
  text.includes('&')
    ? text.replaceAll(reference, (whole, hex?: string, decimal?: string, name?: string, index = 0) => {
        if (hex) return character(Number.parseInt(hex, 16))
        if (decimal) return character(Number.parseInt(decimal, 10))
        const known = name && predefined[name.toLowerCase()]
        if (known) return known
        if (name) book.add('entity_unknown', `The entity ${whole} is not one of XML's own; kept as text.`, at + index)
        else book.add('ampersand_bare', 'An & stands unescaped; kept as text.', at + index)
        return whole
      })
    : text

/**
 * Reads one element and all within it, forgiving what lead providers get wrong and noting it. There is no DTD,
 * no entity of the document's own and no namespace, so nothing can expand or be fetched; work is linear in the
 * length of the document, depth and number of elements are bounded.
 * @param start the offset of the element's `<`
 * @returns the element, and the offset after its end
 * @throws Fault `lead_malformed` with line and column
 */
export const readElement = (source: string, start: number, book: Notebook): { element: XmlElement; end: number } => {
  const root: XmlElement = { name: '', attributes: none, children: [], text: '', offset: start }
  const open: XmlElement[] = [root]
  let elements = 0
  let at = start

  const top = () => open.at(-1) ?? root
  const skipTo = (mark: string, what: string): number => {
    const end = source.indexOf(mark, at)
    if (end === -1) throw book.refuse(`The ${what} that starts here has no end.`, at)
    return end
  }

  const readValue = (): string => {
    const from = at + 1
    const quote = source.charCodeAt(at)
    const curly = isCurly(quote)
    if (curly || quote === doubleQuote || quote === singleQuote) {
      if (curly) book.add('curly_quotes', 'An attribute stands in curly quotes.', at)
      const end = curly ? afterCurlyQuoted(source, from) : afterQuoted(source, from, quote)
      const value = source.slice(from, end)
      if (source[end] !== '<' && end < source.length) {
        at = end + 1
        return value
      }
      const cut = value.indexOf('>')
      book.add('quote_missing', 'An attribute has no closing quote.', at)
      at = cut === -1 ? end : from + cut
      return cut === -1 ? value : value.slice(0, cut)
    }
    book.add('attribute_unquoted', 'An attribute stands without quotes.', at)
    let value = source.slice(at, afterBare(source, at))
    if (value.endsWith('/') && source[at + value.length] === '>') value = value.slice(0, -1)
    at += value.length
    return value
  }

  const readAttributes = (): { attributes: readonly XmlAttribute[]; empty: boolean } => {
    let attributes: XmlAttribute[] | undefined
    for (;;) {
      at = afterSpaces(source, at)
      const next = source[at]
      if (next === '>') {
        at += 1
        return { attributes: attributes ?? none, empty: false }
      }
      if (next === '/' && source[at + 1] === '>') {
        at += 2
        return { attributes: attributes ?? none, empty: true }
      }
      if (next === undefined || next === '<') {
        book.add('tag_unclosed', 'A tag has no closing >.', at)
        return { attributes: attributes ?? none, empty: false }
      }
      const nameAt = at
      at = afterAttributeName(source, at)
      if (at === nameAt) {
        book.add('tag_stray_character', `A stray ${next} stands in a tag; passed over.`, at)
        at += 1
        continue
      }
      const name = source.slice(nameAt, at)
      const sign = afterSpaces(source, at)
      let value = ''
      if (source[sign] === '=') {
        const valueAt = (at = afterSpaces(source, sign + 1))
        value = decode(readValue(), valueAt, book)
      }
      attributes ??= []
      if (attributes.length >= maxAttributes)
        throw book.refuse(`An element has more than ${maxAttributes} attributes.`, nameAt)
      const key = name.slice(name.indexOf(':') + 1).toLowerCase()
      if (!attributes.some((attribute) => attribute.name === key)) attributes.push({ name: key, value })
    }
  }

  const readStart = (name: string) => {
    if ((elements += 1) > maxElements) throw book.refuse(`The document has more than ${maxElements} elements.`, at)
    const offset = at
    at += 1 + name.length
    const colon = name.indexOf(':')
    if (colon !== -1) book.add('prefix_ignored', `The prefix of <${name}> is passed over.`, offset)
    const { attributes, empty } = readAttributes()
    const element = { name: name.slice(colon + 1).toLowerCase(), attributes, children: [], text: '', offset }
    top().children.push(element)
    if (empty) return
    if (open.length > maxDepth) throw book.refuse(`Elements are nested more than ${maxDepth} deep.`, offset)
    open.push(element)
  }

  const readEnd = () => {
    // Nearly always the innermost element, spelt as it should be.
    const expected = top().name
    const expectedEnd = at + 2 + expected.length
    if (open.length > 1 && source[expectedEnd] === '>' && source.startsWith(expected, at + 2)) {
      open.length -= 1
      at = expectedEnd + 1
      return
    }
    const close = skipTo('>', 'end tag')
    const name = source.slice(at + 2, afterTagName(source, at + 2))
    const local = name.slice(name.indexOf(':') + 1).toLowerCase()
    const index = open.findLastIndex((element, depth) => depth > 0 && element.name === local)
    if (index === -1) book.add('end_tag_unmatched', `</${name}> closes nothing; passed over.`, at)
    else {
      if (index < open.length - 1) book.add('end_tag_missing', `<${top().name}> is not closed before </${name}>.`, at)
      open.length = index
    }
    at = close + 1
  }

  const readDeclaration = () => {
    if (source.startsWith('<!--', at)) at = skipTo('-->', 'comment') + 3
    else if (source.startsWith('<![CDATA[', at)) {
      const end = skipTo(']]>', 'CDATA section')
      top().text += source.slice(at + 9, end)
      at = end + 3
    } else at = skipTo('>', 'instruction') + 1
  }

  const readMarkup = () => {
    const next = source[at + 1]
    if (next === '/') return readEnd()
    if (next === '!' || next === '?') return readDeclaration()
    const nameEnd = afterTagName(source, at + 1)
    if (nameEnd > at + 1) return readStart(source.slice(at + 1, nameEnd))
    book.add('less_than_bare', 'A < stands unescaped; kept as text.', at)
    top().text += '<'
    at += 1
  }

  /** Text up to `end`; the indentation before anything else is left out. */
  const addText = (end: number) => {
    if (end === at) return
    const element = top()
    if (element.text !== '' || afterSpaces(source, at) < end) element.text += decode(source.slice(at, end), at, book)
  }

  do {
    const next = source.indexOf('<', at)
    const end = next === -1 ? source.length : next
    addText(end)
    at = end
    if (next !== -1) readMarkup()
  } while (open.length > 1 && at < source.length)

  if (open.length > 1) book.add('end_tags_missing', `The document ends inside <${top().name}>.`, source.length)
  const element = root.children[0]
  if (!element) throw book.refuse('Here an element was expected.', start)
  return { element, end: at }
}
