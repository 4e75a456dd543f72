import { portOf, titleOf, type Edge, type Definition, type Node } from '#schemas/automation/definition.ts'
import { readsOf } from './reads.ts'
import { freshId, type Rewrite } from './rename.ts'

/** What steps read from around them, as fields of the input of what they become. */
export type Handed = { names: readonly { name: string; cel: string }[]; rewrite: Rewrite }

/** What is handed in to these steps; a sentence where they ask of it what only its own place knows. */
export function handedIn(
  definition: Definition,
  moved: readonly Node[],
  inside: ReadonlySet<string>,
): Handed | { refused: string } {
  const reads = readsOf(moved)
  for (const { root, name, asked } of reads) {
    const outer = name === undefined || !inside.has(name)
    if ((root === 'steps' || root === 'errors' || root === 'loops') && name === undefined)
      return { refused: 'One of them reads all steps at once, which only what stands beside them can.' }
    if ((root === 'steps' || root === 'errors') && outer && asked)
      return {
        refused: `One of them asks whether “${titleFor(definition, name)}” has run, which only what stands beside it can.`,
      }
  }
  const required = new Set(definition.input?.required ?? [])
  // of a field that may not be there, the whole input is handed in, so that it may not be there either
  const whole = reads.some(({ root, name, asked }) => root === 'input' && (asked || !required.has(name ?? '')))
  const first = moved.find((node) => !inside.has(node.within ?? ''))
  const unsure = reads.find(
    ({ root, name }) =>
      (root === 'steps' || root === 'errors') &&
      name !== undefined &&
      !inside.has(name) &&
      first !== undefined &&
      !runsBefore(definition, name, first, root === 'errors'),
  )
  if (unsure !== undefined)
    return {
      refused: `One of them reads ${unsure.root === 'errors' ? 'how' : 'what'} “${titleFor(definition, unsure.name)}” ${unsure.root === 'errors' ? 'failed, which it may not have' : 'gave, which may not have run'}.`,
    }
  const given = new Map<string, { name: string; cel: string }>()
  const taken = new Set<string>()
  const parameter = (cel: string, wanted: string): string => {
    const known = given.get(cel)
    if (known !== undefined) return known.name
    const name = freshId(taken, wanted)
    taken.add(name)
    given.set(cel, { name, cel })
    return name
  }
  const rewrite: Rewrite = (root, name) => {
    if (root === 'steps' || root === 'errors') {
      if (name === undefined || inside.has(name)) return null
      return `input.${parameter(`${root}.${name}`, name)}`
    }
    if (root === 'loops')
      return name === undefined || inside.has(name) ? null : `input.${parameter(`loops.${name}`, name)}`
    if (root === 'input') {
      if (name === undefined || whole)
        return `input.${parameter('input', 'given')}${name === undefined ? '' : `.${name}`}`
      return `input.${parameter(`input.${name}`, name)}`
    }
    if (root === 'vars' || root === 'run') {
      if (name === undefined) return `input.${parameter(root, root)}`
      return `input.${parameter(`${root}.${name}`, name)}`
    }
    if (root === 'item' || root === 'index' || root === 'event')
      return `input.${parameter(root, root)}${name === undefined ? '' : `.${name}`}`
    return null
  }
  return {
    get names() {
      return [...given.values()]
    },
    rewrite,
  }
}

const titleFor = ({ nodes }: Definition, id: string | undefined): string => {
  const node = nodes.find((one) => one.id === id)
  return node === undefined ? String(id) : titleOf(node)
}

/** Whether no run comes to a node but through another, or but through its failure, in what they both stand in. */
function runsBefore({ nodes, edges }: Definition, step: string, node: Node, failed: boolean): boolean {
  const byId = new Map(nodes.map((one) => [one.id, one]))
  const other = byId.get(step)
  let at: Node | undefined = node
  while (at !== undefined && at.within !== other?.within) at = byId.get(at.within ?? '')
  if (at === undefined || other === undefined) return false
  const begins = edges.filter((edge) => edge.from === at.within && byId.get(edge.to)?.within === at.within)
  const entries =
    at.within === undefined
      ? nodes.filter((one) => one.kind === 'start').map((one) => one.id)
      : begins.map((edge) => edge.to)
  const passes = (edge: Edge) => (edge.from === step ? failed && !portOf(edge).startsWith('error') : true)
  const seen = new Set(entries)
  for (const id of seen) for (const edge of edges) if (edge.from === id && passes(edge)) seen.add(edge.to)
  return !seen.has(at.id)
}
