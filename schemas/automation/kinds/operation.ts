import { operations, type Operation } from '#schemas/connectors/operations.ts'
import type { JsonObject } from '../definition.ts'

/** The operation of that name; a name such as `constructor` is none. */
export const operationOf = (named: unknown): Operation | undefined =>
  typeof named === 'string' && Object.hasOwn(operations, named) ? operations[named] : undefined

/** What an operation that undoes a step is given: those that want to know are told why. */
export const undoInput = (named: string, input: JsonObject, why: string): JsonObject =>
  operationOf(named)?.input.properties?.['why'] === undefined ? input : { ...input, why }
