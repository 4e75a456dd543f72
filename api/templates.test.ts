import { beforeAll, expect, test } from 'vitest'
import type { TemplateCard } from '#schemas/templates/index.ts'
import { ownApi } from '#test/harness/own-api.ts'
import { withKey } from '#test/harness/people.ts'

const api = ownApi()
const { send } = api
let as: { authorization: string }
beforeAll(async () => {
  const { authorization } = await withKey(api.db)
  as = { authorization }
})

const install = (handle: string, body: object = {}, by = as) => send(`POST /v1/templates/${handle}/install`, body, by)

test('the gallery tells of each template what it is for and what it needs, and which is there already', async () => {
  const { items } = (await send('GET /v1/templates', undefined, as)).body
  const known = new Map<string, TemplateCard>(items.map((one: TemplateCard) => [one.handle, one]))
  expect([known.size, known.get('lead-response')!.installed, known.get('service-due')!.installed]).toEqual([
    13,
    expect.stringMatching(/^aut_/),
    null,
  ])
  expect(known.get('missed-call')).toMatchObject({
    category: 'sales',
    needs: {
      operations: expect.arrayContaining([
        { id: 'crm.create_task', title: 'Create a task', system: 'crm' },
        { id: 'sms.send', title: 'Send a text message', system: 'sms' },
      ]),
      events: ['customer.replied'],
      parts: [{ handle: 'reach-customer', title: 'Reach a customer' }],
    },
  })
  expect(known.get('missed-call')!.sketch.boxes.length).toBe(known.get('missed-call')!.steps)
})

test('one is shown with the document that is installed and what a test of it is given', async () => {
  const { status, body } = await send('GET /v1/templates/review-request', undefined, as)
  expect([status, body.definition.name]).toEqual([200, 'Review request'])
  expect(body.sample).toMatchObject({ pins: { settle: null }, events: [{ type: 'survey.answered' }] })
  const asks = [{ node: 'recover', title: 'Call and put it right', decision: 'approve' }]
  expect(body.sample.asks).toMatchObject(asks)
  expect(body.sample.asks[0].values).toEqual({ promised: 'A free first service.' })
  expect(await send('GET /v1/templates/none', undefined, as)).toMatchObject({ status: 404 })
})

test('it is installed with the parts it needs, published, and is said so in the log', async () => {
  const { status, body } = await install('aged-inventory')
  expect(status).toBe(201)
  expect(body).toMatchObject({ handle: 'aged-inventory', name: 'Aged inventory', published: { number: 1 } })
  for (const part of ['price-drop', 'reach-customer'])
    expect((await send(`GET /v1/automations/${part}`, undefined, as)).body.automation.published).not.toBeNull()
  const { items: log } = (await send(`GET /v1/events?subject=${body.id}`, undefined, as)).body
  const said = log.find((one: { type: string }) => one.type === 'template_installed')
  expect(said.data).toEqual({ template: 'aged-inventory', parts: [expect.any(String), expect.any(String)] })
})

test('installed again it is a second one beside the first, and parts that are there stay as they are', async () => {
  const first = (await send('GET /v1/automations/reach-customer', undefined, as)).body.automation
  const again = (await install('aged-inventory', { name: 'Aged, Austin' })).body
  expect(again).toMatchObject({ handle: 'aged-inventory-2', name: 'Aged, Austin' })
  expect((await send('GET /v1/automations/reach-customer', undefined, as)).body.automation).toEqual(first)
  expect(await install('aged-inventory', { handle: 'aged-inventory' })).toMatchObject({
    status: 409,
    body: { code: 'already_exists' },
  })
  expect((await install('aged-inventory', { handle: 'austin' })).body.handle).toBe('austin')
})

test('who may draw but not publish gets drafts', async () => {
  const writer = await withKey(api.db, ['automations:read', 'automations:write'])
  const { status, body } = await install('missed-call', {}, { authorization: writer.authorization })
  expect([status, body.published, body.draft.changed]).toEqual([201, null, true])
})

test('a part that is put away keeps what needs it from being published, and the refusal says which', async () => {
  const { authorization } = await withKey(api.db)
  await install('reach-customer', {}, { authorization })
  await send('POST /v1/automations/reach-customer/archive', {}, { authorization })
  const refused = await install('service-due', {}, { authorization })
  expect(refused).toMatchObject({ status: 422, body: { code: 'automation_invalid', detail: /reach-customer/ } })
})
