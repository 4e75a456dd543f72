import type { Definition } from '#schemas/automation/definition.ts'
import { readDefinition } from '#schemas/automation/document.ts'
import { Fault } from '#schemas/errors.ts'

/** @throws Fault `automation_invalid` with what is wrong, where it has not the shape of a definition */
export const readDocument = (document: unknown): Definition => {
  const found = readDefinition(document)
  if ('definition' in found) return found.definition
  throw new Fault('automation_invalid', found.problems[0]?.message, { problems: found.problems })
}
