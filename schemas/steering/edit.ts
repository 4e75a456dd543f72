import { isMap, stringify, type Node } from 'yaml'
import { isObject, same } from '../automation/json.ts'
import { Fault } from '../errors.ts'
import { apply, type Change } from './change.ts'
import { step } from './edit/step.ts'
import { spliced } from './problem.ts'
import { plainValue, readSource, type Source } from './source.ts'

/** More single changes than that are written at one go, in which case comments between what changes may be lost. */
const mostSteps = 200

/**
 * The text after a change of what it says. What the change does not touch stays byte for byte: comments, order, quotes and
 * blank lines. Throws `Fault` (`invalid`) for a text that is not YAML.
 */
export const edit = (text: string, change: Change): string => {
  const source = read(text)
  return write(source, apply(plainValue(source), change))
}

/** The text that says `value`, with as little of it changed as can be. */
export const rewrite = (text: string, value: unknown): string => write(read(text), value)

const read = (text: string): Source => {
  const source = readSource(text, true)
  const [flaw] = source.flaws
  if (flaw !== undefined) throw new Fault('invalid', flaw.message)
  return source
}

const write = (source: Source, value: unknown): string => {
  let here = source
  for (let steps = 0; steps < mostSteps; steps++) {
    const root = here.yaml.contents
    if (same(plainValue(here), value)) return here.text
    const splices =
      isMap(root) && isObject(value) && Object.keys(value).length > 0 ? step(here.text, root, value) : null
    if (splices === null || splices.length === 0) break
    const crlf = here.text.includes('\r\n')
    const next = spliced(
      here.text,
      splices.map((one) => (crlf ? { ...one, text: one.text.replaceAll(/\r?\n/g, '\r\n') } : one)),
    )
    here = readSource(next, true)
    if (here.flaws.length > 0) break
  }
  return same(plainValue(here), value) ? here.text : anew(source, value)
}

/** Where a text is written in a way that cannot be changed in place: keys with their comments, everything else anew. */
const anew = (source: Source, value: unknown): string => {
  const { yaml } = readSource(source.text)
  if (isMap(yaml.contents) && isObject(value)) {
    for (const key of Object.keys(plainValue(source) as object)) if (value[key] === undefined) yaml.delete(key)
    for (const [key, one] of Object.entries(value))
      if (!same((yaml.get(key, true) as Node | undefined)?.toJSON?.() as unknown, one))
        yaml.set(key, yaml.createNode(one))
    const text = yaml.toString({ lineWidth: 0 })
    if (same(plainValue(readSource(text)), value)) return text
  }
  return stringify(value, { lineWidth: 0 })
}
