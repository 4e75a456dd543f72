import { afterAll, beforeEach, expect, test } from 'vitest'
import { openSandbox } from './fixture.ts'

const sandbox = await openSandbox()
const { call, mail } = sandbox
afterAll(() => sandbox[Symbol.asyncDispose]())
beforeEach(() => call('POST', '/control/reset', {}))

const message = {
  from: 'Lone Star Motors <sales@lonestar.example>',
  to: ['ada@example.com'],
  subject: 'Your <RAV4>',
  text: 'Hello & welcome',
  tags: [{ name: 'lead', value: 'AW-1' }],
}
const inbox = async () => (await call('GET', '/control/mails')).body.mails

test('a mail lands in the inbox, in the truth with its lead, and on the page, escaped', async () => {
  const sent = await mail('POST', '/emails', message)
  expect(sent.status).toBe(200)
  expect(await inbox()).toMatchObject([{ id: sent.body.id, lead: 'AW-1', to: ['ada@example.com'] }])
  expect((await call('GET', '/truth')).body.mails).toMatchObject([{ id: sent.body.id, lead: 'AW-1' }])
  const page = (await call('GET', '/')).body
  expect(page).toContain('Your &lt;RAV4&gt;')
  expect(page).not.toContain('<RAV4>')
})

test('the same key sends once; with another message it is a conflict', async () => {
  const key = { 'idempotency-key': 'reply/1' }
  const [first, again] = await Promise.all([
    mail('POST', '/emails', message, key),
    mail('POST', '/emails', message, key),
  ])
  expect(again.body.id).toBe(first.body.id)
  const other = await mail('POST', '/emails', { ...message, subject: 'Other' }, key)
  expect([other.status, other.body.name]).toEqual([409, 'invalid_idempotent_request'])
  expect(await inbox()).toHaveLength(1)
})

test('bad addresses, empty messages, refusing mail boxes and wrong keys get the vendor’s refusals', async () => {
  const status = async (change: object, headers = {}) =>
    (await mail('POST', '/emails', { ...message, ...change }, headers)).status
  expect(await status({ to: 'nobody' })).toBe(422)
  expect(await status({ text: undefined })).toBe(422)
  expect(await status({ to: 'bounce@example.com' })).toBe(422)
  expect(await status({}, { authorization: 'Bearer wrong' })).toBe(403)
  expect(await status({}, { authorization: '' })).toBe(401)
  expect(await inbox()).toEqual([])
})
