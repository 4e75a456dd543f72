import {
  createHmac,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { Fault } from '#schemas/errors.ts'

/**
 * A webhook secret made ready for use, so that the hot path parses nothing. `scheme` is the signature version
 * it answers for: `v1` is HMAC-SHA256, `v1a` is Ed25519.
 */
export type Secret = { secretId: string; scheme: 'v1' | 'v1a'; key: KeyObject }

/** The three Standard Webhooks headers as they came; undefined where the request has none. */
export type SignatureHeaders = {
  id: string | undefined
  timestamp: string | undefined
  signature: string | undefined
}

const maxSignatureHeader = 4_096
const maxSignatures = 10
const visibleAscii = /^[\x21-\x7e]{1,256}$/
const unixSeconds = /^\d{1,12}$/
const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}(?:==)?|[A-Za-z\d+/]{3}=?)?$/

/** The DER that stands before 32 raw bytes to make them an Ed25519 SubjectPublicKeyInfo (RFC 8410 §4). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

const bytesOf = (text: string): Buffer | null => (base64.test(text) ? Buffer.from(text, 'base64') : null)

/**
 * Reads a secret as its owner pastes it: `whsec_` + base64 of 24 to 64 bytes, or `whpk_` + base64 of the 32
 * bytes of an Ed25519 public key.
 * @throws Fault `invalid` with an issue that names what is wrong; the secret itself is never repeated
 */
export const importSecret = (secretId: string, text: string): Secret => {
  const refuse = (message: string) => new Fault('invalid', message, { issues: [{ path: '/secret', message }] })
  if (text.startsWith('whsec_')) {
    const bytes = bytesOf(text.slice(6))
    if (!bytes || bytes.length < 24 || bytes.length > 64)
      throw refuse('After whsec_ there must be the base64 of 24 to 64 bytes.')
    return { secretId, scheme: 'v1', key: createSecretKey(bytes) }
  }
  if (text.startsWith('whpk_')) {
    const bytes = bytesOf(text.slice(5))
    if (bytes?.length !== 32) throw refuse('After whpk_ there must be the base64 of a 32-byte Ed25519 public key.')
    const key = createPublicKey({ key: Buffer.concat([ed25519Prefix, bytes]), format: 'der', type: 'spki' })
    return { secretId, scheme: 'v1a', key }
  }
  throw refuse('A secret starts with whsec_, or with whpk_ for an Ed25519 public key.')
}

/** A new symmetric secret of 32 random bytes, as its owner pastes it. */
export const generateSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

const checkTimestamp = (timestamp: string, now: number, toleranceSeconds: number) => {
  if (!unixSeconds.test(timestamp))
    throw new Fault('timestamp_invalid', 'webhook-timestamp must be whole Unix seconds.')
  const off = Number(timestamp) - Math.floor(now / 1000)
  if (Math.abs(off) <= toleranceSeconds) return
  const way = off > 0 ? 'ahead of' : 'behind'
  throw new Fault('timestamp_invalid', `webhook-timestamp is ${Math.abs(off)} s ${way} our clock.`)
}

/** The signatures of the schemes known here, as bytes of the right length; anything else is passed over. */
const readSignatures = (header: string): { scheme: 'v1' | 'v1a'; bytes: Buffer }[] => {
  const entries = header.split(' ').filter((entry) => entry !== '')
  if (entries.length > maxSignatures)
    throw new Fault('signature_invalid', `webhook-signature carries more than ${maxSignatures} signatures.`)
  return entries.flatMap((entry) => {
    const comma = entry.indexOf(',')
    const scheme = entry.slice(0, Math.max(comma, 0))
    if (scheme !== 'v1' && scheme !== 'v1a') return []
    const bytes = bytesOf(entry.slice(comma + 1))
    return bytes?.length === (scheme === 'v1' ? 32 : 64) ? [{ scheme, bytes }] : []
  })
}

/**
 * Checks a request against Standard Webhooks 1.0.0 on the raw bytes of its body: `{id}.{timestamp}.{body}`,
 * HMAC-SHA256 (`v1`) or Ed25519 (`v1a`), any of several signatures against any of the live secrets.
 * @param options.now milliseconds since 1970
 * @param options.toleranceSeconds how far the timestamp may be off, either way
 * @returns which secret matched
 * @throws Fault `signature_missing`, `signature_invalid` or `timestamp_invalid`
 */
export const verifySignature = (options: {
  headers: SignatureHeaders
  body: Uint8Array
  secrets: readonly Secret[]
  now: number
  toleranceSeconds?: number
}): { secretId: string } => {
  const { headers, body, secrets, now, toleranceSeconds = 300 } = options
  const { id, timestamp, signature } = headers
  if (!id || !timestamp || !signature) {
    const missing = Object.entries({ id, timestamp, signature }).flatMap(([name, value]) =>
      value ? [] : [`webhook-${name}`],
    )
    throw new Fault('signature_missing', `Missing: ${missing.join(', ')}.`)
  }
  // With a dot in it, bytes could move between id, timestamp and body without changing what was signed.
  if (!visibleAscii.test(id) || id.includes('.'))
    throw new Fault('signature_invalid', 'webhook-id must be 1 to 256 visible ASCII characters without a full stop.')
  checkTimestamp(timestamp, now, toleranceSeconds)
  if (signature.length > maxSignatureHeader)
    throw new Fault('signature_invalid', `webhook-signature is longer than ${maxSignatureHeader} characters.`)

  const signatures = readSignatures(signature)
  const prefix = Buffer.from(`${id}.${timestamp}.`, 'latin1')
  let signed: Buffer | undefined
  for (const secret of secrets) {
    const candidates = signatures.filter(({ scheme }) => scheme === secret.scheme)
    if (candidates.length === 0) continue
    if (secret.scheme === 'v1') {
      const expected = createHmac('sha256', secret.key).update(prefix).update(body).digest()
      if (candidates.some(({ bytes }) => timingSafeEqual(bytes, expected))) return { secretId: secret.secretId }
    } else {
      const content = (signed ??= Buffer.concat([prefix, body]))
      if (candidates.some(({ bytes }) => verify(null, content, secret.key, bytes))) return { secretId: secret.secretId }
    }
  }
  throw new Fault('signature_invalid')
}
