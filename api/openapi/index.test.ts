import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Route } from '#schemas/http.ts'
import { routes } from '#schemas/routes.ts'
import { openapiDocument } from './index.ts'
import { docsPage } from './page.ts'

type Answer = { content?: Record<string, { example?: unknown }> }
type Operation = {
  operationId: string
  requestBody?: Answer
  responses: Record<string, Answer & { description: string }>
}
const document = openapiDocument('https://auterity.example.com')
const operations = Object.entries(document['paths'] as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

test('the document is OpenAPI 3.1, as its schema has it', async () => {
  expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true })
})

test('each operation has a name of its own, and each body and answer an example', () => {
  const names = operations.map(({ operation }) => operation.operationId)
  expect(new Set(names).size).toBe(names.length)
  const bare = operations.flatMap(({ path, operation }) =>
    [operation.requestBody, ...Object.values(operation.responses)]
      .flatMap((part) => Object.values(part?.content ?? {}))
      .filter((content) => content.example === undefined)
      .map(() => path),
  )
  expect(bare).toEqual([])
})

test.each(Object.entries(routes as Record<string, Route>))('the examples of %s are of its shapes', (key, route) => {
  const [method = '', path = ''] = key.split(' ')
  const operation = (document['paths'] as Record<string, Record<string, Operation>>)[
    path.replaceAll(/:(\w+)/g, '{$1}')
  ]![method.toLowerCase()]!
  const bodyOf = (part: Answer | undefined) => part?.content?.['application/json']?.example
  if (route.body !== undefined) expect(z.safeParse(route.body, bodyOf(operation.requestBody)).error).toBeUndefined()
  if (route.status !== 204)
    expect(z.safeParse(route.reply, bodyOf(operation.responses[route.status ?? 200])).error).toBeUndefined()
  for (const code of route.problems ?? [])
    expect(Object.values(operation.responses).some(({ description }) => description.includes(`\`${code}\``))).toBe(true)
})

test('the page names every operation and runs no script', async () => {
  const page = (await docsPage(document)).toString()
  for (const { operation } of operations) expect(page).toContain(`id="${operation.operationId}"`)
  expect(page).not.toContain('<script')
  expect(page).toContain('<code>signature_invalid</code>')
  expect(page).not.toContain('`')
})
