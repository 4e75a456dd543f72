import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { Fault } from '#schemas/errors.ts'
import { generateSecret, importSecret, verifySignature } from './signature.ts'

const now = 1_700_000_000_000
const seconds = String(now / 1000)
const body = Buffer.from('<?adf version="1.0"?><adf>é</adf>')
const first = generateSecret()
const second = generateSecret()
const pair = generateKeyPairSync('ed25519')
const publicKey = `whpk_${pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('base64')}`

const hmac = (secret: string, id: string, timestamp: string, bytes: Uint8Array) =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(`${id}.${timestamp}.`)
    .update(bytes)
    .digest('base64')}`

const ed25519 = (id: string, timestamp: string, bytes: Uint8Array) =>
  `v1a,${sign(null, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), bytes]), pair.privateKey).toString('base64')}`

type Attempt = {
  id?: string | undefined
  timestamp?: string | undefined
  signature?: string | undefined
  body?: Uint8Array
  at?: number
  secrets?: string[]
}

const check = (attempt: Attempt = {}) => {
  const { secrets = [first], at = now, body: bytes = body } = attempt
  const headers = {
    id: 'msg_1',
    timestamp: seconds,
    signature: hmac(first, attempt.id ?? 'msg_1', attempt.timestamp ?? seconds, body),
    ...('id' in attempt ? { id: attempt.id } : {}),
    ...('timestamp' in attempt ? { timestamp: attempt.timestamp } : {}),
    ...('signature' in attempt ? { signature: attempt.signature } : {}),
  }
  const live = secrets.map((text, index) => importSecret(`sec_${index}`, text))
  try {
    return verifySignature({ headers, body: bytes, secrets: live, now: at }).secretId
  } catch (error) {
    if (error instanceof Fault) return error.code
    throw error
  }
}

test('the vector of the reference libraries verifies', () => {
  const answer = verifySignature({
    headers: {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: '1614265330',
      signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: Buffer.from('{"test": 2432232314}'),
    secrets: [importSecret('sec_reference', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')],
    now: 1_614_265_330_000,
  })
  expect(answer).toEqual({ secretId: 'sec_reference' })
})

test('a request signed with the live secret passes, byte for byte', () => {
  expect(check()).toBe('sec_0')
  expect(check({ body: Buffer.concat([body, Buffer.from(' ')]) })).toBe('signature_invalid')
})

test('an Ed25519 signature passes against the public key, and only over the same bytes', () => {
  const signature = ed25519('msg_1', seconds, body)
  expect(check({ secrets: [publicKey], signature })).toBe('sec_0')
  expect(check({ secrets: [publicKey], signature, body: Buffer.from('other') })).toBe('signature_invalid')
  expect(check({ secrets: [publicKey], signature: signature.replace('v1a', 'v1') })).toBe('signature_invalid')
})

test('during a rotation either live secret is enough, and the answer says which', () => {
  const old = hmac(first, 'msg_1', seconds, body)
  const fresh = hmac(second, 'msg_1', seconds, body)
  const stranger = hmac(generateSecret(), 'msg_1', seconds, body)
  expect(check({ secrets: [second, first], signature: old })).toBe('sec_1')
  expect(check({ secrets: [second, first], signature: fresh })).toBe('sec_0')
  expect(check({ secrets: [second], signature: `${old} ${fresh}` })).toBe('sec_0')
  expect(check({ secrets: [second, first], signature: stranger })).toBe('signature_invalid')
  expect(check({ secrets: [first, publicKey], signature: ed25519('msg_1', seconds, body) })).toBe('sec_1')
})

test('unknown versions and rubbish between signatures are passed over', () => {
  const good = hmac(first, 'msg_1', seconds, body)
  expect(check({ signature: `v2,AAAA  nonsense v1, v1,!!! ,x ${good}` })).toBe('sec_0')
  expect(check({ signature: 'v2,AAAA' })).toBe('signature_invalid')
  expect(check({ signature: good.slice(0, -8) })).toBe('signature_invalid')
})

test.each(['id', 'timestamp', 'signature'])('without webhook-%s there is no signature to check', (name) => {
  expect(check({ [name]: undefined })).toBe('signature_missing')
  expect(check({ [name]: '' })).toBe('signature_missing')
})

test('the timestamp may be five minutes off either way, and not a second more', () => {
  expect(check({ at: now + 300_999 })).toBe('sec_0')
  expect(check({ at: now + 301_000 })).toBe('timestamp_invalid')
  expect(check({ at: now - 300_000 })).toBe('sec_0')
  expect(check({ at: now - 301_000 })).toBe('timestamp_invalid')
})

test.each(['abc', '-1', '1.7e9', '1700000000.5', ' 1700000000', '0x6553f100', '9'.repeat(13)])(
  'a timestamp of %j is refused though signed',
  (timestamp) => expect(check({ timestamp })).toBe('timestamp_invalid'),
)

test.each(['with.dot', 'with space', 'é', 'x'.repeat(257), 'line\n'])('an id of %j is refused though signed', (id) =>
  expect(check({ id })).toBe('signature_invalid'),
)

test('a dot cannot move bytes from the body into the id', () => {
  const payload = Buffer.from(`${seconds}.rest`)
  const signature = hmac(first, 'msg_1', seconds, payload)
  expect(check({ signature, body: payload })).toBe('sec_0')
  expect(check({ signature, id: `msg_1.${seconds}`, body: Buffer.from('rest') })).toBe('signature_invalid')
})

test('too many or too long signatures are refused before any is computed', () => {
  const good = hmac(first, 'msg_1', seconds, body)
  expect(check({ signature: Array(10).fill(good).join(' ') })).toBe('sec_0')
  expect(check({ signature: Array(11).fill(good).join(' ') })).toBe('signature_invalid')
  expect(check({ signature: `${good} ${'x'.repeat(4_096)}` })).toBe('signature_invalid')
})

test('without a live secret nothing passes', () => expect(check({ secrets: [] })).toBe('signature_invalid'))

test.each([
  ['a bare key', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ['23 bytes', `whsec_${Buffer.alloc(23).toString('base64')}`],
  ['65 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
  ['not base64', `whsec_${'*'.repeat(40)}`],
  ['a public key of 31 bytes', `whpk_${Buffer.alloc(31).toString('base64')}`],
  ['a signing key', `whsk_${Buffer.alloc(32).toString('base64')}`],
])('%s is no secret, and the refusal does not repeat it', (_, text) => {
  expect(() => importSecret('sec_1', text)).toThrow(Fault)
  try {
    importSecret('sec_1', text)
  } catch (error) {
    expect(JSON.stringify(error) + String(error)).not.toContain(text.slice(-10))
  }
})

test.each([24, 64])('a secret of %d bytes is taken', (size) =>
  expect(importSecret('sec_1', `whsec_${Buffer.alloc(size, 7).toString('base64')}`).scheme).toBe('v1'),
)
