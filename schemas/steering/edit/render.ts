import { Document, isCollection, isScalar, stringify, visit, type ToStringOptions } from 'yaml'

const style: ToStringOptions = { lineWidth: 0, indent: 2, flowCollectionPadding: true }

/** Values on one line as they read best there: lists of plain things, and what is empty. */
const narrow = 80

/** A value as block YAML; every line but the first is indented by `column`. Without the newline at its end. */
const block = (value: unknown, column: number): string => {
  const document = new Document(value)
  visit(document, {
    Seq: (_key, seq) => {
      const plain = seq.items.every((one) => isScalar(one) && !String(one.value).includes('\n'))
      if (plain && JSON.stringify(seq).length < narrow) seq.flow = true
    },
  })
  return indented(document.toString(style).replace(/\n$/, ''), column)
}

const indented = (text: string, column: number): string => text.replaceAll(/\n(?=[^\n])/g, `\n${' '.repeat(column)}`)

/** `key: value`. */
export const pair = (key: string, value: unknown, column: number): string => block({ [key]: value }, column)

/** `- value`. */
export const item = (value: unknown, column: number): string => {
  const text = block([value], 0)
  // a list of one plain thing would be written in brackets
  return text.startsWith('- ') ? indented(text, column) : `- ${inline(value)}`
}

/** A value as it stands between brackets, on one line. */
export const inline = (value: unknown): string =>
  stringify([value], { ...style, collectionStyle: 'flow', flowCollectionPadding: false, blockQuote: false })
    .trimEnd()
    .slice(1, -1)

export const inlinePair = (key: string, value: unknown): string =>
  stringify({ [key]: value }, { ...style, collectionStyle: 'flow', flowCollectionPadding: false, blockQuote: false })
    .trimEnd()
    .slice(1, -1)

/** A scalar that fits on the line of its key, in the quotes of the one before it; null for what does not fit there. */
export function onLine(value: unknown, before: unknown): string | null {
  if (typeof value === 'string' && value.includes('\n')) return null
  if (typeof value === 'object' && value !== null) return null
  const document = new Document(value)
  const quoted = isScalar(before) && typeof value === 'string' && before.type?.startsWith('QUOTE_') === true
  if (isScalar(document.contents) && quoted && isScalar(before)) document.contents.type = before.type as 'QUOTE_SINGLE'
  return isCollection(document.contents) ? null : document.toString(style).trimEnd()
}
