import { afterAll, beforeEach, expect, test } from 'vitest'
import { openSandbox } from './fixture.ts'

const sandbox = await openSandbox()
const { crm, call } = sandbox
afterAll(() => sandbox[Symbol.asyncDispose]())
beforeEach(() => call('POST', '/control/reset', {}))

const contact = (email: string, more: object = {}) => ({ properties: { email, firstname: 'Ada', ...more } })

test('a contact is created, read by id and by e-mail, changed and archived', async () => {
  const made = await crm('POST', '/crm/v3/objects/contacts', contact('ada@example.com', { auterity_key: 'k1' }))
  expect(made.status).toBe(201)
  expect(made.body.properties).toMatchObject({ email: 'ada@example.com', hs_object_id: made.body.id })
  const byId = await crm('GET', `/crm/v3/objects/contacts/${made.body.id}?properties=auterity_key`)
  expect(byId.body.properties.auterity_key).toBe('k1')
  const byEmail = await crm('GET', '/crm/v3/objects/contacts/ADA@example.com?idProperty=email')
  expect(byEmail.body.id).toBe(made.body.id)
  const changed = await crm('PATCH', '/crm/v3/objects/contacts/k1?idProperty=auterity_key', {
    properties: { lastname: 'Byron' },
  })
  expect(changed.body.properties.lastname).toBe('Byron')
  expect((await crm('DELETE', `/crm/v3/objects/contacts/${made.body.id}`)).status).toBe(204)
  expect((await crm('GET', `/crm/v3/objects/contacts/${made.body.id}`)).status).toBe(404)
  expect((await crm('POST', '/crm/v3/objects/contacts', contact('ada@example.com'))).status).toBe(201)
})

test('a second contact with the same e-mail address is refused and the first one named', async () => {
  const first = await crm('POST', '/crm/v3/objects/contacts', contact('ada@example.com'))
  const second = await crm('POST', '/crm/v3/objects/contacts', contact('Ada@Example.com'))
  expect(second.status).toBe(409)
  expect(second.body).toMatchObject({
    status: 'error',
    category: 'CONFLICT',
    message: `Contact already exists. Existing ID: ${first.body.id}`,
    correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
})

test('a change that would take the unique value of another object is refused', async () => {
  await crm('POST', '/crm/v3/objects/contacts', contact('a@example.com', { auterity_key: 'k1' }))
  await crm('POST', '/crm/v3/objects/contacts', contact('b@example.com', { auterity_key: 'k2' }))
  const path = '/crm/v3/objects/contacts/k2?idProperty=auterity_key'
  expect((await crm('PATCH', path, { properties: { auterity_key: 'k1' } })).status).toBe(409)
  expect((await crm('GET', path)).status).toBe(200)
})

test('what the vendor refuses is refused: token, property, e-mail, JSON, object type', async () => {
  const post = (body: unknown, headers = {}) => crm('POST', '/crm/v3/objects/contacts', body, headers)
  const stranger = await post(contact('x@example.com'), { authorization: 'Bearer wrong' })
  expect([stranger.status, stranger.body.category]).toEqual([401, 'INVALID_AUTHENTICATION'])
  const unknown = await post(contact('x@example.com', { shoe_size: 43 }))
  expect([unknown.status, unknown.body.category]).toEqual([400, 'VALIDATION_ERROR'])
  expect(unknown.body.errors[0].code).toBe('PROPERTY_DOESNT_EXIST')
  expect((await post(contact('not an address'))).body.errors[0].code).toBe('INVALID_EMAIL')
  expect((await post('{', { 'content-type': 'application/json' })).body.category).toBe('VALIDATION_ERROR')
  expect((await crm('GET', '/crm/v3/objects/spaceships')).body.category).toBe('OBJECT_NOT_FOUND')
})

/** The deals that the store did not have before. */
const newDeals = async () => {
  const { results } = (await crm('GET', '/crm/v3/objects/deals')).body
  return results.filter((deal: { properties: { dealname: string } }) => !deal.properties.dealname.endsWith('N24007'))
}

test('upserting the same key twice leaves one object', async () => {
  const inputs = [{ idProperty: 'auterity_key', id: 'deal-7', properties: { dealname: 'RAV4', amount: 30000 } }]
  const [first, second] = [
    await crm('POST', '/crm/v3/objects/deals/batch/upsert', { inputs }),
    await crm('POST', '/crm/v3/objects/deals/batch/upsert', { inputs }),
  ]
  expect(first.body.results[0]).toMatchObject({ new: true, properties: { amount: '30000' } })
  expect(second.body.results[0]).toMatchObject({ new: false, id: first.body.results[0].id })
  expect(await newDeals()).toHaveLength(1)
})

test('a batch with one bad input changes nothing', async () => {
  const input = (id: string, properties: object) => ({ idProperty: 'auterity_key', id, properties })
  const inputs = [input('a', { dealname: 'good' }), input('b', { nonsense: 'x' })]
  expect((await crm('POST', '/crm/v3/objects/deals/batch/upsert', { inputs })).status).toBe(400)
  expect(await newDeals()).toEqual([])
})

test('the pages of a list hold every contact once', async () => {
  const inputs = Array.from({ length: 25 }, (_, at) => ({
    idProperty: 'email',
    id: `p${at}@example.com`,
    properties: {},
  }))
  await crm('POST', '/crm/v3/objects/contacts/batch/upsert', { inputs })
  const seen: string[] = []
  let after = ''
  do {
    const { body } = await crm('GET', `/crm/v3/objects/contacts?limit=10${after && `&after=${after}`}`)
    seen.push(...body.results.map(({ id }: { id: string }) => id))
    after = body.paging?.next.after ?? ''
  } while (after !== '')
  expect(seen).toHaveLength(31)
  expect(new Set(seen).size).toBe(31)
  expect((await crm('GET', '/crm/v3/objects/contacts?limit=101')).status).toBe(400)
})

test('a search finds by filter and sorts', async () => {
  for (const name of ['Ann', 'Bob', 'Cid'])
    await crm(
      'POST',
      '/crm/v3/objects/contacts',
      contact(`${name}@example.com`, { lastname: 'Search', firstname: name }),
    )
  const { body } = await crm('POST', '/crm/v3/objects/contacts/search', {
    filterGroups: [
      {
        filters: [
          { propertyName: 'lastname', operator: 'EQ', value: 'search' },
          { propertyName: 'firstname', operator: 'NEQ', value: 'Bob' },
        ],
      },
    ],
    sorts: [{ propertyName: 'firstname', direction: 'DESCENDING' }],
    properties: ['firstname'],
    limit: 1,
  })
  expect(body).toMatchObject({
    total: 2,
    results: [{ properties: { firstname: 'Cid' } }],
    paging: { next: { after: '1' } },
  })
})

test('a note hangs on its contact and its deal, by creation and by association', async () => {
  const person = (await crm('POST', '/crm/v3/objects/contacts', contact('n@example.com'))).body.id
  const deal = (await crm('POST', '/crm/v3/objects/deals', { properties: { dealname: 'CR-V' } })).body.id
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 202 }]
  const note = await crm('POST', '/crm/v3/objects/notes', {
    properties: { hs_note_body: 'Called', hs_timestamp: '2026-11-01T10:00:00Z' },
    associations: [{ to: { id: person }, types }],
  })
  const link = `/crm/v4/objects/deals/${deal}/associations/default/notes/${note.body.id}`
  expect((await crm('PUT', link)).status).toBe(200)
  expect((await crm('PUT', link)).status).toBe(200)
  const read = await crm('GET', `/crm/v3/objects/notes/${note.body.id}?associations=contacts,deals`)
  expect(read.body.associations.contacts.results).toEqual([{ id: person, type: 'note_to_contact' }])
  expect(read.body.associations.deals.results).toEqual([{ id: deal, type: 'note_to_deal' }])
  const listed = await crm('GET', `/crm/v4/objects/deals/${deal}/associations/notes`)
  expect(listed.body.results).toMatchObject([{ toObjectId: Number(note.body.id) }])
  expect((await crm('PUT', `/crm/v4/objects/deals/${deal}/associations/default/notes/999999`)).status).toBe(404)
})

test('beyond the rate limit the vendor says so, with its headers', async () => {
  await call('PATCH', '/control/systems/crm', { rateLimit: 1 })
  const one = () => crm('GET', '/crm/v3/objects/contacts?limit=1')
  await one()
  const refused = await one()
  expect(refused.status).toBe(429)
  expect(refused.body).toMatchObject({ category: 'RATE_LIMITS', policyName: 'TEN_SECONDLY_ROLLING' })
  expect(refused.headers.get('x-hubspot-ratelimit-max')).toBe('1')
  expect(refused.headers.get('x-hubspot-ratelimit-interval-milliseconds')).toBe('10000')
  await call('PATCH', '/control/systems/crm', { rateLimit: 10_000 })
  expect((await one()).status).toBe(200)
})
