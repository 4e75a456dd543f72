import { z } from 'zod'
import { invalid } from './crm-errors.ts'
import type { CrmObject } from './crm-objects.ts'
import { systemProperties } from './crm-properties.ts'

const Filter = z.object({
  propertyName: z.string(),
  operator: z.string(),
  value: z.string().optional(),
  values: z.array(z.string()).optional(),
})

export const Search = z.object({
  filterGroups: z
    .array(z.object({ filters: z.array(Filter).max(6) }))
    .max(5)
    .default([]),
  query: z.string().optional(),
  sorts: z
    .array(z.union([z.string(), z.object({ propertyName: z.string(), direction: z.string().optional() })]))
    .max(1)
    .default([]),
  properties: z.array(z.string()).default([]),
  limit: z.int().min(0).max(200).default(10),
  after: z.union([z.string(), z.number()]).optional(),
})
export type Search = z.output<typeof Search>

type Test = (actual: string, value: string, values: readonly string[]) => boolean

const fold = (text: string): string => text.toLowerCase()
const order = (a: string, b: string): number =>
  a !== '' && b !== '' && Number.isFinite(Number(a)) && Number.isFinite(Number(b))
    ? Number(a) - Number(b)
    : a < b
      ? -1
      : a > b
        ? 1
        : 0

const operators: Readonly<Record<string, Test>> = {
  EQ: (actual, value) => fold(actual) === fold(value),
  NEQ: (actual, value) => fold(actual) !== fold(value),
  IN: (actual, _, values) => values.some((value) => fold(value) === fold(actual)),
  NOT_IN: (actual, _, values) => !values.some((value) => fold(value) === fold(actual)),
  HAS_PROPERTY: (actual) => actual !== '',
  NOT_HAS_PROPERTY: (actual) => actual === '',
  CONTAINS_TOKEN: (actual, value) => fold(actual).includes(fold(value).replaceAll('*', '')),
  LT: (actual, value) => actual !== '' && order(actual, value) < 0,
  LTE: (actual, value) => actual !== '' && order(actual, value) <= 0,
  GT: (actual, value) => actual !== '' && order(actual, value) > 0,
  GTE: (actual, value) => actual !== '' && order(actual, value) >= 0,
}

const valueOf = (object: CrmObject, name: string): string => {
  const system = systemProperties(object.kind)
  if (name === 'hs_object_id') return String(object.id)
  if (name === system.created) return object.created
  if (name === system.updated) return object.updated
  return object.properties[name] ?? ''
}

const passes = (object: CrmObject, filter: z.output<typeof Filter>): boolean => {
  const test = operators[filter.operator]
  if (test === undefined) throw invalid(`Invalid input JSON: unknown operator ${filter.operator}`)
  return test(valueOf(object, filter.propertyName), filter.value ?? '', filter.values ?? [])
}

/** The objects a search finds, in the asked order: any filter group, all of its filters, and the query words. */
export const searchObjects = (objects: readonly CrmObject[], search: Search): CrmObject[] => {
  const query = fold(search.query ?? '')
  const found = objects.filter(
    (object) =>
      (search.filterGroups.length === 0 ||
        search.filterGroups.some((group) => group.filters.every((filter) => passes(object, filter)))) &&
      (query === '' || Object.values(object.properties).some((value) => fold(value).includes(query))),
  )
  const [sort] = search.sorts
  if (sort === undefined) return found
  const name = typeof sort === 'string' ? sort.replace(/^-/, '') : sort.propertyName
  const down = typeof sort === 'string' ? sort.startsWith('-') : sort.direction === 'DESCENDING'
  return found.sort((a, b) => order(valueOf(a, name), valueOf(b, name)) * (down ? -1 : 1))
}
