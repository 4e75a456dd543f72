import type { Operation } from '#schemas/connectors/operations.ts'
import type { Called } from './called.ts'
import type { Definition } from './definition.ts'
import { readDefinition } from './document.ts'
import type { Problem } from './problem.ts'
import { drawingOf } from './validate/drawing.ts'
import { edgeProblems, portProblems } from './validate/edges.ts'
import { expressionProblems } from './validate/expressions.ts'
import { formProblems, literalProblems } from './validate/fields.ts'
import { idProblems, placeProblems } from './validate/ids.ts'
import { inputProblems } from './validate/inputs.ts'
import { placesOf, placesOfDocument, type Place } from './validate/places.ts'
import { limitProblems, policyProblems } from './validate/policies.ts'
import { raceProblems } from './validate/races.ts'
import { regionProblems } from './validate/regions.ts'
import { inputSchemaProblems, schemaProblems } from './validate/schemas.ts'
import { Scopes } from './validate/scope.ts'
import { sourceProblems } from './validate/source.ts'
import { surroundingProblems } from './validate/surroundings.ts'
import { settingProblems, variableProblems } from './validate/variables.ts'

/** What else there is in the tenant. What is left out is not checked. */
export type About = {
  operations?: Readonly<Record<string, Operation>>
  /** Ids and handles of automations that are published. */
  automations?: readonly string[]
  /** What steps call, by `calledAs`; null where there is no such version. What is left out is not checked. */
  called?: Readonly<Record<string, Called | null>>
  /** By the handles that nodes name them by, with the hosts that each may be sent to. */
  credentials?: readonly { handle: string; hosts: readonly string[] }[]
  /** Ids of those who may decide on approvals. */
  people?: readonly string[]
}

/**
 * Everything that is wrong with a definition, in the order of its nodes. Pure, and quick enough for every key press; one
 * that has not the shape of a definition is told of that alone.
 */
export function validate(definition: Definition, about: About = {}): Problem[] {
  const read = readDefinition(definition)
  if ('problems' in read) return read.problems
  const drawing = drawingOf(read.definition)
  const scopes = new Scopes(drawing)
  const atPlace = (place: Place): Problem[] => [
    ...literalProblems(drawing, place),
    ...settingProblems(drawing, place),
    ...expressionProblems(drawing, scopes, place),
  ]
  const ofNodes = read.definition.nodes
    .filter((node) => node.disabled !== true)
    .flatMap((node) => [
      ...formProblems(drawing, node),
      ...policyProblems(node),
      ...inputProblems(node, about),
      ...sourceProblems(node),
      ...schemaProblems(node),
      ...placesOf(node).flatMap(atPlace),
    ])
  const found = [
    ...idProblems(drawing),
    ...placeProblems(drawing),
    ...edgeProblems(drawing),
    ...portProblems(drawing),
    ...regionProblems(drawing),
    ...raceProblems(drawing),
    ...variableProblems(drawing),
    ...limitProblems(read.definition),
    ...inputSchemaProblems(read.definition),
    ...placesOfDocument(read.definition).flatMap(atPlace),
    ...ofNodes,
    ...surroundingProblems(drawing, about),
  ]
  const order = new Map(read.definition.nodes.map((node, at) => [node.id, at]))
  const placeOf = ({ node }: Problem): number => (node === undefined ? -1 : (order.get(node) ?? -1))
  return found.toSorted((a, b) => placeOf(a) - placeOf(b))
}

/** Whether nothing keeps a definition from being published. */
export const isSound = (problems: readonly Problem[]): boolean => problems.every((one) => one.level !== 'error')
