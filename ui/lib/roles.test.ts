import { expect, test } from 'vitest'
import { mayGrant, roles } from '#schemas/access.ts'
import { grantable } from './roles.ts'

test.each(roles)('somebody who is %s is offered the roles that the API lets them hand out', (role) => {
  expect(grantable(role)).toEqual(roles.filter((target) => mayGrant(role, target)))
})

test('an API key hands out none', () => expect(grantable(null)).toEqual([]))
