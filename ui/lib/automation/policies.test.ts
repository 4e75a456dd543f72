import { expect, test } from 'vitest'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { validate } from '#schemas/automation/validate.ts'
import { policiesOf } from './policies.ts'

const given = { retry: { attempts: 3 }, cache: { key: 'a', for: '1h' }, continueOnError: true }
const set = { retry: 'retry', cache: 'cache', goOn: 'continueOnError' } as const

test.each(Object.values(kinds).map((kind) => [kind.kind, kind] as const))(
  'the form of %s offers what the validation takes of it, and nothing else',
  (_name, kind) => {
    const bare = { id: 'it', kind: kind.kind, ...kind.example }
    const offered = policiesOf(kind, bare)
    for (const [name, field] of Object.entries(set)) {
      const node = { ...bare, [field]: given[field] }
      const found = validate({ format: 1, name: 'x', nodes: [node], edges: [] })
      const refused = found.some(({ code, path }) => code === 'policy_unheeded' && path === `/${field}`)
      if (kind.kind !== 'note') expect([name, offered[name as keyof typeof set]]).toEqual([name, !refused])
    }
  },
)

test('what is set though it is not heeded is shown, so that it can be taken away', () => {
  const node = { id: 'ask', kind: 'approval', with: { ask: '?' } }
  const approval = kinds['approval']
  if (approval === undefined) throw new Error('no such kind')
  expect(policiesOf(approval, node)).toEqual({ retry: false, cache: false, goOn: false, undo: true })
  expect(policiesOf(approval, { ...node, ...given })).toMatchObject({ retry: true, cache: true, goOn: true })
})
