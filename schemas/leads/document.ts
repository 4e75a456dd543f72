import { Notebook } from './notes.ts'
import { readElement, type XmlElement } from './xml.ts'

const rootTag = /<(?:[\w.-]{1,40}:)?(?:adf|prospect)(?=[\s>/])/gi
const escapedRoot = /&lt;(?:[\w.-]{1,40}:)?(?:adf|prospect)(?=\s|&gt;)/i
const escapes: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' }

const rootFrom = (source: string, from: number): number => {
  rootTag.lastIndex = from
  return rootTag.exec(source)?.index ?? -1
}

export const looksLikeAdf = (source: string): boolean => rootFrom(source, 0) !== -1 || escapedRoot.test(source)

/** The internal subset is skipped, never read: entities declared there stay unknown. */
const doctypeEnd = (source: string, at: number, book: Notebook): number => {
  const close = source.indexOf('>', at)
  const bracket = source.indexOf('[', at)
  const end = bracket !== -1 && bracket < close ? source.indexOf(']', bracket) : at
  const last = end === -1 ? -1 : source.indexOf('>', end)
  if (last === -1) throw book.refuse('The document type declaration that starts here has no end.', at)
  book.add('doctype_ignored', 'The document type declaration is passed over.', at)
  return last + 1
}

const instructionEnd = (source: string, at: number, sawInstruction: boolean, book: Notebook): number => {
  const close = source.indexOf('>', at)
  if (close === -1) throw book.refuse('The instruction that starts here has no end.', at)
  const target = source.slice(at + 2, at + 5)
  if (source[close - 1] !== '?') book.add('instruction_unclosed', `<?${target} is not closed with ?>.`, at)
  if (target !== target.toLowerCase()) book.add('instruction_case', `<?${target} is written in upper case.`, at)
  if (target.toLowerCase() === 'xml' && sawInstruction)
    book.add('declaration_not_first', 'The XML declaration does not come first.', at)
  return close + 1
}

/** The offset of the root's `<` after declarations, instructions, comments and any text of a mail around it. */
const findRoot = (source: string, book: Notebook): number => {
  const space = /\s*/y
  let sawInstruction = false
  for (let at = 0; ;) {
    space.lastIndex = at
    at += space.exec(source)?.[0].length ?? 0
    if (source.startsWith('<?', at)) {
      at = instructionEnd(source, at, sawInstruction, book)
      sawInstruction = true
    } else if (source.startsWith('<!--', at)) {
      const end = source.indexOf('-->', at)
      if (end === -1) throw book.refuse('The comment that starts here has no end.', at)
      at = end + 3
    } else if (/^<!doctype/i.test(source.slice(at, at + 9))) at = doctypeEnd(source, at, book)
    else {
      const root = rootFrom(source, at)
      if (root === -1) throw book.refuse('No <adf> element was found.', at)
      if (root > at) book.add('text_before', 'Text before the document is passed over.', at)
      return root
    }
  }
}

/**
 * Finds the one prospect of an ADF document, or of a mail with one in it.
 * @throws Fault `lead_malformed` where there is none, or more than one
 */
export const readProspect = (text: string): { prospect: XmlElement; book: Notebook } => {
  const escaped = rootFrom(text, 0) === -1 && escapedRoot.test(text)
  const source = escaped ? text.replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (whole) => escapes[whole] ?? whole) : text
  const book = new Notebook(source)
  if (escaped) book.add('escaped_document', 'The whole document is HTML-escaped; places count in its plain form.', 0)

  const { element, end } = readElement(source, findRoot(source, book), book)
  const rest = source.slice(end)
  const another = rootFrom(source, end)
  const prospects = element.name === 'prospect' ? [element] : element.children.filter(({ name }) => name === 'prospect')
  const [prospect, second] = prospects
  if (second || another !== -1)
    throw book.refuse(
      'The document holds more than one prospect; send one prospect per request.',
      second?.offset ?? another,
    )
  if (rest.trim() !== '') book.add('text_after', 'Text after the document is passed over.', end)
  if (!prospect) throw book.refuse('There is no <prospect> in <adf>.', element.offset)
  if (prospect === element) book.add('adf_missing', '<prospect> stands without <adf> around it.', element.offset)
  return { prospect, book }
}
