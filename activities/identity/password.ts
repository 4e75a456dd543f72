import { hash, parseOptions, verify } from '@node-rs/argon2'
import { newToken } from './token.ts'

/**
 * argon2id at the OWASP minimum (Password Storage Cheat Sheet, 2025): 19 MiB, 2 passes, 1 lane. The library's
 * default algorithm is argon2id; 0x13 is its default version.
 */
export const passwordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** @returns a PHC string with its own salt and parameters */
export const hashPassword = (password: string): Promise<string> => hash(password, passwordCost)

/** Was `hashed` made with other parameters than those of today? */
export const needsRehash = (hashed: string): boolean => {
  const { memoryCost, timeCost, parallelism } = parseOptions(hashed)
  return (
    memoryCost !== passwordCost.memoryCost ||
    timeCost !== passwordCost.timeCost ||
    parallelism !== passwordCost.parallelism
  )
}

let decoy: Promise<string> | undefined

/** Checks a password; where there is none to check against, does the same work and says no. */
export async function checkPassword(hashed: string | null, password: string): Promise<boolean> {
  const against = hashed ?? (await (decoy ??= hashPassword(newToken())))
  return (await verify(against, password)) && hashed !== null
}
