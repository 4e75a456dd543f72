import type { Definition } from '../automation/definition.ts'
import { templates } from './list.ts'
import type { Template } from './template.ts'

export type Needs = { operations: string[]; events: string[]; parts: string[] }

const each = <T>(values: readonly T[]): T[] => [...new Set(values)]
const texts = (values: readonly unknown[]): string[] => each(values.filter((one) => typeof one === 'string'))

/** What an automation leans on, as its drawing says: operations, events from outside, other automations. */
export function needsOf({ nodes }: Definition): Needs {
  const of = (kind: string, field: string) =>
    nodes.filter((node) => node.kind === kind).map((node) => node.with?.[field])
  return {
    operations: texts([...of('action', 'operation'), ...nodes.map((node) => node.undo?.operation)]),
    events: texts(of('wait', 'event')),
    parts: texts(of('subflow', 'automation')),
  }
}

export const findTemplate = (handle: string): Template | undefined => templates.find((one) => one.handle === handle)

/** The templates that one is made of, those that others lean on first. */
export function partsOf(template: Template): Template[] {
  const found = needsOf(template.definition).parts.flatMap((handle) => {
    const part = findTemplate(handle)
    return part === undefined ? [] : [...partsOf(part), part]
  })
  return each(found)
}
