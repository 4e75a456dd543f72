import { afterAll, beforeEach, expect, test } from 'vitest'
import { caller, openSandbox } from './fixture.ts'
import { isVin } from './vin.ts'

const sandbox = await openSandbox()
const { call, url } = sandbox
afterAll(() => sandbox[Symbol.asyncDispose]())
beforeEach(() => call('POST', '/control/reset', {}))

const grant = (secret = 'sandbox-secret', body = 'grant_type=client_credentials&scope=anonymous') =>
  call('POST', '/dms/oauth2/v1/token', body, {
    authorization: `Basic ${Buffer.from(`sandbox-client:${secret}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  })

const signIn = async (headers: Record<string, string> = {}) => {
  const { access_token } = (await grant()).body
  const usual = {
    authorization: `Bearer ${access_token}`,
    'subscription-id': 'sandbox-subscription',
    'request-id': 'r-1',
  }
  return caller(`${url}/dms/cdk/drive`, { ...usual, ...headers })
}

const ada = { name: { first: 'Ada', last: 'Byron' }, contactMethods: { primaryPhone: '512-555-0199' } }

test('a token is given for the right client only', async () => {
  expect((await grant()).body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
  expect((await grant('wrong')).status).toBe(401)
  expect((await grant('sandbox-secret', 'grant_type=password')).body.error).toBe('unsupported_grant_type')
})

test('the gateway names what is missing', async () => {
  const code = async (headers: Record<string, string>) =>
    (await call('GET', '/dms/cdk/drive/customers/v1', undefined, headers)).body.code
  const { access_token } = (await grant()).body
  const authorization = `Bearer ${access_token}`
  expect(await code({})).toBe('MISSING-AUTHORIZATION')
  expect(await code({ authorization: 'Bearer made-up' })).toBe('INVALID-TOKEN')
  expect(await code({ authorization })).toBe('MISSING-SUBSCRIPTION-ID')
  expect(await code({ authorization, 'subscription-id': 'other' })).toBe('SUBSCRIPTION-MISMATCH')
  expect(await code({ authorization, 'subscription-id': 'sandbox-subscription' })).toBe('MISSING-REQUEST-ID')
})

test('a revoked token is worth nothing at once, and the request id comes back', async () => {
  const dms = await signIn({ 'request-id': 'r-42' })
  expect((await dms('GET', '/customers/v1')).headers.get('request-id')).toBe('r-42')
  expect((await call('POST', '/control/systems/dms/revoke', {})).body.revoked).toBeGreaterThan(0)
  const refused = await dms('GET', '/customers/v1')
  expect([refused.status, refused.body.code]).toEqual([401, 'INVALID-TOKEN'])
})

test('a customer is found by phone however it is written', async () => {
  const dms = await signIn()
  const made = await dms('POST', '/customers/v1', ada)
  expect(made.status).toBe(201)
  const { items } = (await dms('GET', '/customers/v1?phone=%2B15125550199')).body
  expect(items).toMatchObject([{ customerId: made.body.customerId, name: ada.name }])
  expect((await dms('GET', '/customers/v1?lastName=nobody')).body.items).toEqual([])
})

test('an update needs the present tag: none is 428, a stale one 412 and changes nothing', async () => {
  const dms = await signIn()
  const made = await dms('POST', '/customers/v1', ada)
  const path = `/customers/v1/${made.body.customerId}`
  const tag = made.headers.get('etag')!
  const grace = { ...ada, name: { first: 'Grace', last: 'Hopper' } }
  expect((await dms('POST', path, grace)).status).toBe(428)
  const updated = await dms('POST', path, grace, { 'if-match': tag })
  expect(updated.status).toBe(200)
  expect(updated.headers.get('etag')).not.toBe(tag)
  const stale = await dms('POST', path, ada, { 'if-match': tag })
  expect([stale.status, stale.body.code]).toEqual([412, 'PRECONDITION-FAILED'])
  expect((await dms('GET', path)).body.name).toEqual(grace.name)
})

test('the pages of the inventory hold 120 vehicles with valid VINs, once each', async () => {
  const dms = await signIn()
  const seen: { identification: { vin: string }; availability: string }[] = []
  let cursor: string | undefined = ''
  while (cursor !== undefined) {
    const { body } = await dms('GET', `/inventory/v1/vehicles?pageSize=50${cursor && `&pageCursor=${cursor}`}`)
    expect(body.totalCount).toBe(120)
    seen.push(...body.items)
    cursor = body.pageInfo.nextPageCursor
  }
  expect(new Set(seen.map(({ identification }) => identification.vin)).size).toBe(120)
  expect(seen.every(({ identification }) => isVin(identification.vin))).toBe(true)
  expect(new Set(seen.map(({ availability }) => availability))).toEqual(new Set(['AVAILABLE', 'SOLD']))
})

test('the inventory is searched by make, model and stock number, and read by id', async () => {
  const dms = await signIn()
  const { items } = (await dms('GET', '/inventory/v1/vehicles?make=toyota&model=rav4')).body
  expect(items.length).toBeGreaterThan(0)
  const [first] = items
  const byStock = await dms('GET', `/inventory/v1/vehicles?stockNumber=${first.stockNumber}`)
  expect(byStock.body.items).toEqual([first])
  expect((await dms('GET', `/inventory/v1/vehicles/${first.vehicleId}`)).body).toEqual(first)
  expect((await dms('GET', '/inventory/v1/vehicles/v0')).status).toBe(404)
  expect((await dms('GET', '/inventory/v1/vehicles?pageSize=9999')).status).toBe(400)
  expect((await dms('GET', '/nothing')).body.code).toBe('API-DOES-NOT-EXIST')
})
