import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EncryptionCodec } from '#temporal/codec.ts'
import type { temporal } from '#temporal/proto.ts'

type Vectors = {
  master: string
  otherMaster: string
  keyId: string
  cases: { name: string; nonce: string; payload: Wire; encrypted: Wire }[]
}
type Wire = { metadata: Record<string, string>; data: string }

/** Byte for byte what any other language has to make of the same keys; all values but the master keys in hex. */
const { master, otherMaster, keyId, cases } = JSON.parse(
  readFileSync(new URL('codec-vectors.json', import.meta.url), 'utf8'),
) as Vectors

const text = (value: string) => new TextEncoder().encode(value)
const fromWire = ({ metadata, data }: Wire) => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, text(value)])),
  data: new Uint8Array(Buffer.from(data, 'hex')),
})
const toWire = (payload: ReturnType<typeof temporal.api.common.v1.Payload.create> | object): Wire => {
  const { metadata = {}, data } = payload as { metadata?: Record<string, Uint8Array> | null; data?: Uint8Array | null }
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString()]),
    ),
    data: Buffer.from(data ?? []).toString('hex'),
  }
}

test.each(cases)('$name opens to the payload it was made of', async ({ payload, encrypted }) => {
  const [open] = await new EncryptionCodec([master]).decode([fromWire(encrypted)])
  expect(toWire(open!)).toEqual(payload)
})

test.each(cases)('$name encrypted again has the same form and another nonce', async ({ payload, encrypted }) => {
  const codec = new EncryptionCodec([master])
  const [again] = await codec.encode([fromWire(payload)])
  const wire = toWire(again!)
  expect(wire.metadata).toEqual(encrypted.metadata)
  expect(wire.metadata['encryption-key-id']).toBe(keyId)
  expect(wire.data.length).toBe(encrypted.data.length)
  expect(wire.data.slice(0, 24)).not.toBe(encrypted.data.slice(0, 24))
  const [open] = await codec.decode([again!])
  expect(toWire(open!)).toEqual(payload)
})

test('after a rotation the new key encrypts and the old one still opens', async () => {
  const [{ payload, encrypted }] = cases as [Vectors['cases'][number]]
  const rotated = new EncryptionCodec([otherMaster, master])
  expect(toWire((await rotated.decode([fromWire(encrypted)]))[0]!)).toEqual(payload)
  const [fresh] = await rotated.encode([fromWire(payload)])
  expect(toWire(fresh!).metadata['encryption-key-id']).not.toBe(keyId)
  await expect(new EncryptionCodec([master]).decode([fresh!])).rejects.toThrow(
    'not in AUTERITY_KEY or AUTERITY_OLD_KEYS',
  )
})

test('what is not encrypted passes through unread', async () => {
  const plain = { metadata: { encoding: text('json/plain') }, data: text('{"a":1}') }
  expect(await new EncryptionCodec([master]).decode([plain])).toEqual([plain])
})

test('whatever is changed in an encrypted payload, or cut off from it, it is refused and never half read', async () => {
  const [{ encrypted }] = cases as [Vectors['cases'][number]]
  const codec = new EncryptionCodec([master])
  const whole = fromWire(encrypted)
  for (let at = 0; at < whole.data.length; at++) {
    const data = Uint8Array.from(whole.data)
    data[at]! ^= 1
    await expect(codec.decode([{ ...whole, data }])).rejects.toThrow()
    await expect(codec.decode([{ ...whole, data: whole.data.subarray(0, at) }])).rejects.toThrow()
  }
  const { 'encryption-key-id': _, ...metadata } = whole.metadata
  await expect(codec.decode([{ ...whole, metadata }])).rejects.toThrow('is encrypted with key')
})
