import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Seals secrets at rest with AES-256-GCM: nonce (12 bytes), ciphertext, tag (16). `about` binds a box to its row. */
export type Seal = {
  close(secret: string | Uint8Array, about: string): Buffer
  open(box: Buffer, about: string): string
  /** A key of 32 bytes for another purpose: the same each time, until another master comes first. */
  derived(about: string): Buffer
  openBytes(box: Buffer, about: string): Buffer
}

/** @param masters base64 keys of 32 bytes; the first seals, all of them open */
export function createSeal(masters: readonly [string, ...string[]]): Seal {
  const keys = masters.map((m) => Buffer.from(hkdfSync('sha256', Buffer.from(m, 'base64'), '', 'seal', 32)))
  const openWith = (key: Buffer, box: Buffer, about: string): Buffer => {
    const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, 12))
    decipher.setAAD(Buffer.from(about)).setAuthTag(box.subarray(-16))
    return Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()])
  }
  const openBytes = (box: Buffer, about: string): Buffer => {
    for (const key of keys.slice(0, -1))
      try {
        return openWith(key, box, about)
      } catch {
        // sealed with another key of the ring
      }
    return openWith(keys.at(-1) as Buffer, box, about)
  }
  const [first] = masters
  return {
    derived: (about) => Buffer.from(hkdfSync('sha256', Buffer.from(first, 'base64'), '', about, 32)),
    close(secret, about) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', keys[0] as Buffer, nonce).setAAD(Buffer.from(about))
      return Buffer.concat([nonce, cipher.update(Buffer.from(secret)), cipher.final(), cipher.getAuthTag()])
    },
    openBytes,
    open: (box, about) => openBytes(box, about).toString('utf8'),
  }
}
