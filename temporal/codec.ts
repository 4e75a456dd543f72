import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { temporal } from './proto.ts'
import { METADATA_ENCODING_KEY, ValueError, type Payload, type PayloadCodec } from '@temporalio/common'

const encoding = 'binary/encrypted'
const keyIdField = 'encryption-key-id'
const text = new TextEncoder()
const plain = new TextDecoder()

type Key = { id: string; secret: Buffer }

const deriveKey = (master: string): Key => {
  const secret = Buffer.from(hkdfSync('sha256', Buffer.from(master, 'base64'), '', 'temporal:payload', 32))
  return { id: createHash('sha256').update(secret).digest('hex').slice(0, 16), secret }
}

/**
 * Encrypts every payload with AES-256-GCM before it leaves the process. On the wire: 12 bytes of nonce, the
 * ciphertext of the serialised payload, 16 bytes of tag; the key's id stands in the metadata, so that older keys
 * stay readable after a rotation. Payloads of another encoding pass through unread.
 *
 * @param masters base64 keys of 32 bytes; the first encrypts, all of them decrypt
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #current: Key
  readonly #keys: Map<string, Buffer>

  constructor(masters: readonly [string, ...string[]]) {
    const keys = masters.map(deriveKey)
    this.#current = keys[0] as Key
    this.#keys = new Map(keys.map((key) => [key.id, key.secret]))
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', this.#current.secret, nonce)
      const body = temporal.api.common.v1.Payload.encode(payload).finish()
      const data = Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()])
      return {
        metadata: { [METADATA_ENCODING_KEY]: text.encode(encoding), [keyIdField]: text.encode(this.#current.id) },
        data,
      }
    })
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const found = payload.metadata?.[METADATA_ENCODING_KEY]
      if (found == null || plain.decode(found) !== encoding) return payload
      return this.#open(payload)
    })
  }

  #open(payload: Payload): Payload {
    const keyId = plain.decode(payload.metadata?.[keyIdField] ?? new Uint8Array())
    const secret = this.#keys.get(keyId)
    if (secret === undefined)
      throw new ValueError(`payload is encrypted with key ${keyId}, which is not in AUTERITY_KEY or AUTERITY_OLD_KEYS`)
    const data = Buffer.from(payload.data ?? new Uint8Array())
    const decipher = createDecipheriv('aes-256-gcm', secret, data.subarray(0, 12), { authTagLength: 16 })
    decipher.setAuthTag(data.subarray(-16))
    const body = Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()])
    return temporal.api.common.v1.Payload.decode(body)
  }
}
