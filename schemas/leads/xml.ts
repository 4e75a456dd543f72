import type { Notebook } from './notes.ts'

/** An element of a document; names are lower case without prefix, `text` is its own text, in order, decoded. */
export type XmlElement = {
  name: string
  attributes: ReadonlyMap<string, string>
  children: XmlElement[]
  text: string
  offset: number
}

const maxDepth = 64
const maxElements = 5_000
const maxAttributes = 32

const none: ReadonlyMap<string, string> = new Map()
const tagName = /[A-Za-z_][\w.-]*(?::[\w.-]+)?/y
const attributeName = /[^\s=/<>"'“”‘’]+/y
const spaces = /\s*/y
const bareValue = /[^\s<>]*/y
const untilQuote = { '"': /[^"<]*/y, "'": /[^'<]*/y, curly: /[^“”‘’"'<]*/y }
const reference = /&(?:#x([\da-f]{1,6});|#(\d{1,7});|([a-z]\w{0,15});)?/gi
const predefined: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const take = (pattern: RegExp, source: string, at: number): string => {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0] ?? ''
}

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
    const quote = source[at] ?? ''
    if ('“”‘’"\''.includes(quote) && quote !== '') {
      const straight = quote === '"' || quote === "'"
      if (!straight) book.add('curly_quotes', 'An attribute stands in curly quotes.', at)
      const value = take(untilQuote[straight ? quote : 'curly'], source, at + 1)
      const end = at + 1 + value.length
      if (source[end] !== '<' && end < source.length) {
        at = end + 1
        return value
      }
      const cut = value.indexOf('>')
      book.add('quote_missing', 'An attribute has no closing quote.', at)
      at = cut === -1 ? end : at + 1 + cut
      return cut === -1 ? value : value.slice(0, cut)
    }
    book.add('attribute_unquoted', 'An attribute stands without quotes.', at)
    let value = take(bareValue, source, at)
    if (value.endsWith('/') && source[at + value.length] === '>') value = value.slice(0, -1)
    at += value.length
    return value
  }

  const readAttributes = (): { attributes: ReadonlyMap<string, string>; empty: boolean } => {
    let attributes: Map<string, string> | undefined
    for (;;) {
      if (source[at] !== '>') at += take(spaces, source, at).length
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
      const name = take(attributeName, source, at)
      if (name === '') {
        book.add('tag_stray_character', `A stray ${next} stands in a tag; passed over.`, at)
        at += 1
        continue
      }
      const nameAt = at
      at += name.length
      const gap = take(spaces, source, at).length
      let value = ''
      if (source[at + gap] === '=') {
        at += gap + 1
        at += take(spaces, source, at).length
        const valueAt = at
        value = decode(readValue(), valueAt, book)
      }
      attributes ??= new Map()
      if (attributes.size >= maxAttributes)
        throw book.refuse(`An element has more than ${maxAttributes} attributes.`, nameAt)
      const key = name.slice(name.indexOf(':') + 1).toLowerCase()
      if (!attributes.has(key)) attributes.set(key, value)
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
    const close = skipTo('>', 'end tag')
    // Nearly always the innermost element, spelt as it should be.
    if (open.length > 1 && close - at - 2 === top().name.length && source.startsWith(top().name, at + 2)) {
      open.length -= 1
      at = close + 1
      return
    }
    const name = take(tagName, source, at + 2)
    const local = name.slice(name.indexOf(':') + 1).toLowerCase()
    const index = open.findLastIndex((element, depth) => depth > 0 && element.name === local)
    if (index === -1) book.add('end_tag_unmatched', `</${name}> closes nothing; passed over.`, at)
    else {
      if (index < open.length - 1) book.add('end_tag_missing', `<${top().name}> is not closed before </${name}>.`, at)
      open.length = index
    }
    at = close + 1
  }

  const readMarkup = () => {
    if (source.startsWith('<!--', at)) at = skipTo('-->', 'comment') + 3
    else if (source.startsWith('<![CDATA[', at)) {
      const end = skipTo(']]>', 'CDATA section')
      top().text += source.slice(at + 9, end)
      at = end + 3
    } else if (source[at + 1] === '!' || source[at + 1] === '?') at = skipTo('>', 'instruction') + 1
    else if (source[at + 1] === '/') readEnd()
    else {
      const name = take(tagName, source, at + 1)
      if (name !== '') return readStart(name)
      book.add('less_than_bare', 'A < stands unescaped; kept as text.', at)
      top().text += '<'
      at += 1
    }
  }

  do {
    const next = source.indexOf('<', at)
    const end = next === -1 ? source.length : next
    if (end > at) top().text += decode(source.slice(at, end), at, book)
    at = end
    if (next !== -1) readMarkup()
  } while (open.length > 1 && at < source.length)

  if (open.length > 1) book.add('end_tags_missing', `The document ends inside <${top().name}>.`, source.length)
  const element = root.children[0]
  if (!element) throw book.refuse('Here an element was expected.', start)
  return { element, end: at }
}
