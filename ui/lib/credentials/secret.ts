import type { CredentialKind, GivenSecret } from '#schemas/credentials.ts'

export const kindWords: Record<CredentialKind, { title: string; purpose: string }> = {
  bearer: { title: 'Bearer token', purpose: 'A token or API key, sent as “Authorization: Bearer …”.' },
  basic: { title: 'User and password', purpose: 'Sent as “Authorization: Basic …”.' },
  header: { title: 'Header', purpose: 'A key in a header of its own, such as X-Api-Key.' },
  query: { title: 'Key in the address', purpose: 'A key behind the question mark of the address.' },
  oauth_client: {
    title: 'OAuth client',
    purpose: 'An id and a secret that are exchanged for a token, which is renewed by itself.',
  },
}
export const kindOptions = Object.entries(kindWords).map(([value, { title }]) => ({ value, label: title }))

/** What is typed into the fields of a secret, of whichever kind. */
export type SecretDraft = {
  kind: CredentialKind
  user: string
  name: string
  /** Token, password, value or client secret: the one that is hidden. */
  hidden: string
  tokenUrl: string
  clientId: string
  scope: string
  sendAs: 'header' | 'body'
}

export const blankSecret = (kind: CredentialKind = 'bearer', open: Record<string, string> = {}): SecretDraft => ({
  user: '',
  name: '',
  tokenUrl: '',
  clientId: '',
  scope: '',
  ...open,
  sendAs: open['sendAs'] === 'body' ? 'body' : 'header',
  kind,
  hidden: '',
})

export const toSecret = ({ kind, hidden, ...typed }: SecretDraft): GivenSecret => {
  const text = hidden.trim()
  if (kind === 'bearer') return { kind, token: text }
  if (kind === 'basic') return { kind, user: typed.user.trim(), password: hidden }
  if (kind !== 'oauth_client') return { kind, name: typed.name.trim(), value: text }
  const [tokenUrl, clientId, scope] = [typed.tokenUrl.trim(), typed.clientId.trim(), typed.scope.trim()]
  const asked = scope === '' ? {} : { scope }
  return { kind, tokenUrl, clientId, clientSecret: text, ...asked, sendAs: typed.sendAs }
}

/** `Price list, north` → `price-list-north`: what automations may call it by. */
export const handleOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 63)

/** Hosts out of what was typed: with commas, spaces or lines between them, whole addresses too. */
export const hostsOf = (typed: string): string[] => [
  ...new Set(
    typed
      .split(/[\s,;]+/)
      .filter((part) => part !== '')
      .map((part) => {
        const url = part.includes('://') ? URL.parse(part) : null
        if (url === null) return part.toLowerCase().replace(/\/.*$/, '')
        return url.protocol === 'http:' && url.port === '' ? `${url.host}:80` : url.host
      }),
  ),
]

/** What may be seen of a secret, in a line. */
export const openWords = (open: Record<string, string>): string =>
  [open['user'], open['name'], open['clientId'], open['tokenUrl']].filter(Boolean).join(' · ')
