/**
 * What a version is known by: the SHA-256 of its text as UTF-8, in hex. A comment is part of a version: who publishes says
 * why in it.
 */
export async function versionHash(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, '0')).join('')
}
