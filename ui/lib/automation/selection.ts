/** What is chosen of a run, on its canvas or its timeline, as the address carries it. */
export type Selection =
  | { of: 'step'; step: string }
  /** Without an iteration: in the turn in which it failed. */
  | { of: 'node'; node: string; iteration: string }
  | { of: 'edge'; edge: string }

/** Reads `run_…:12` (a step of the timeline), `record#0` (a node in a turn) or `read:out>ask` (an edge). */
export function readSelection(said: string | null | undefined): Selection | undefined {
  if (said === null || said === undefined || said === '') return undefined
  if (said.includes('>')) return { of: 'edge', edge: said }
  const [node = '', iteration] = said.split('#')
  return iteration === undefined ? { of: 'step', step: said } : { of: 'node', node, iteration }
}

export const selectionText = (it: Selection): string =>
  it.of === 'step' ? it.step : it.of === 'edge' ? it.edge : `${it.node}#${it.iteration}`
