import { Fault } from '../errors.ts'
import type { Definition } from './definition.ts'
import { inputIssues } from './input.ts'
import type { JsonObject } from './json.ts'
import { segments } from './pointer.ts'

/** Refuses an input that is not of the shape the automation declares, and says what is wrong where. */
export function refuseInput({ name, input: schema }: Definition, input: JsonObject): void {
  const issues = inputIssues(schema, input)
  if (issues.length === 0) return
  const said = issues.slice(0, 3).map(({ path, message }) => {
    const at = segments(path)
    return at.length > 2 ? `${at.join('.')}: ${message}` : message
  })
  throw new Fault('input_invalid', `“${name}” takes another input. ${said.join(' ')}`, { issues })
}
