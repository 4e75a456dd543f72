import { isScalar, type Node } from 'yaml'

/**
 * Where each character of a text stands in the YAML that it was read from: past quotes, escapes, indentation and folded
 * lines. Gives the offset of a character, and of the end for its length.
 */
export function positions(yaml: string, node: Node | null): (at: number) => number {
  const [start = 0, end = 0] = node?.range ?? []
  if (!isScalar(node) || typeof node.value !== 'string') return () => start
  const { value, type } = node
  const found =
    type === 'QUOTE_DOUBLE'
      ? ofEscaped(yaml, value, start + 1)
      : ofWritten(yaml, value, type === 'QUOTE_SINGLE' ? start + 1 : bodyOf(yaml, start, type), type === 'QUOTE_SINGLE')
  const last = found.at(-1)
  return (at) => Math.min(found[at] ?? (last === undefined ? start : last + 1), end)
}

/** Where the first line of a block begins: behind its `|` or `>`. */
const bodyOf = (yaml: string, start: number, type: string | null | undefined): number => {
  if (type !== 'BLOCK_LITERAL' && type !== 'BLOCK_FOLDED') return start
  const line = yaml.indexOf('\n', start)
  return line === -1 ? start : line + 1
}

const isSpace = (sign: string | undefined): boolean => sign === ' ' || sign === '\n' || sign === '\t' || sign === '\r'

/** White space may be written in other ways than it is read; all else stands there as it is. */
const ofWritten = (yaml: string, value: string, from: number, doubled: boolean): number[] => {
  const found: number[] = []
  let at = from
  for (const sign of Array.from({ length: value.length }, (_none, n) => value.charAt(n))) {
    if (!isSpace(sign)) while (at < yaml.length && isSpace(yaml[at])) at++
    found.push(at)
    if (doubled && sign === "'") at += 2
    else if (!isSpace(sign) || isSpace(yaml[at])) at++
  }
  return found
}

const widths: Record<string, number> = { x: 4, u: 6, U: 10 }

const ofEscaped = (yaml: string, value: string, from: number): number[] => {
  const found: number[] = []
  let at = from
  while (found.length < value.length && at < yaml.length) {
    const sign = value[found.length]
    if (yaml[at] === '\\') {
      const next = yaml[at + 1] ?? ''
      if (next === '\n' || next === '\r') {
        // a line that goes on in the next one
        at += 2
        while (isSpace(yaml[at])) at++
        continue
      }
      found.push(at)
      // two units of one sign
      if (next === 'U' && (value.codePointAt(found.length - 1) ?? 0) > 0xffff) found.push(at)
      at += widths[next] ?? 2
    } else if (isSpace(sign) || !isSpace(yaml[at])) {
      found.push(at)
      at++
    } else at++
  }
  return found
}
