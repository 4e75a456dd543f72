/** A text without the secrets in it. */
export type Mask = (text: string) => string

/** Shorter texts are found in any answer by chance, and taking them out would spoil it. */
const shortest = 6

/**
 * Takes secrets out of what another system says: one that repeats what it was sent would else write them into histories.
 * As they are, and as JSON, base64 and addresses write them.
 */
export function masking(secrets: readonly string[]): Mask {
  const written = new Set(
    secrets
      .filter((secret) => secret.length >= shortest)
      .flatMap((secret) => [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
      ]),
  )
  return (text) => [...written].reduce((said, secret) => said.replaceAll(secret, '[secret]'), text)
}
