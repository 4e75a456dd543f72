import { createHash, randomBytes } from 'node:crypto'

/** A secret nobody can guess: 256 random bits as 43 characters of base64url. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** All that is stored of a token. A fast hash is enough: there is no dictionary of 256-bit numbers. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()
