import { expect, test } from 'vitest'
import { snippets } from './snippets.ts'

test('each snippet asks that model here, with that key', () => {
  const all = snippets('https://auterity.example', 'sk-aut-x7Qw', 'fast')
  expect(all.map(({ title }) => title)).toEqual(['TypeScript', 'Python', 'Anthropic', 'curl'])
  for (const { text } of all) {
    expect(text).toMatch(/https:\/\/auterity\.example\/gateway\/(?:openai\/v1|anthropic')/)
    expect(text).toContain('sk-aut-x7Qw')
    expect(text).toContain('"fast"')
  }
})

test('what curl sends is JSON', () => {
  const { text } = snippets('https://auterity.example', 'sk-aut-x7Qw', 'fast').find(({ id }) => id === 'curl')!
  const body = /-d '(.*)'/.exec(text)?.[1]
  expect(JSON.parse(body ?? '')).toMatchObject({ model: 'fast', messages: [{ role: 'user' }] })
})
