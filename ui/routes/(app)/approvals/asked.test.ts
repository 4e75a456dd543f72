import { expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Me } from '#schemas/identity.ts'
import { askedWords, standOf } from './asked.ts'

const people = [{ id: 'usr_1', name: 'Priya' }]
const me = (id: string, role: string) => ({ user: { id }, role }) as unknown as Me
const asking = (assignees: Approval['assignees']) => ({ assignees }) as Approval

test('who is asked is told by name and by role', () => {
  expect(askedWords(null, [])).toBe('everybody who may decide')
  expect(askedWords({ people: ['usr_1'], role: 'admin' }, people)).toBe('Priya and every admin')
  expect(askedWords({ people: ['usr_2'] }, people)).toBe('somebody who has left')
})

test('who is named is asked, an owner may overrule, others may not', () => {
  const approval = asking({ people: ['usr_1'] })
  expect(standOf(approval, me('usr_1', 'operator'))).toBe('asked')
  expect(standOf(approval, me('usr_2', 'owner'))).toBe('overrules')
  expect(standOf(approval, me('usr_2', 'admin'))).toBe('others')
  expect(standOf(asking(null), undefined)).toBe('asked')
})
