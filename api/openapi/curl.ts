import type { Entry, Operation } from './page.ts'

/** For a shell of the POSIX kind: nothing in single quotes is read but the quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** The signature of Standard Webhooks 1.0 with a secret `whsec_…` in `$SECRET`, by tools that every system has. */
const signing = String.raw`ID="msg_$(date +%s)" TIMESTAMP="$(date +%s)"
HEX="$(printf %s "$\{SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')"
SIGNATURE="v1,$(printf %s "$ID.$TIMESTAMP.$BODY" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$HEX" -binary | openssl base64 -A)"`.replace(String.raw`\{`, '{')

/**
 * An operation as a command to paste into a shell. `$KEY` is the reader's API key, `$SECRET` that of a webhook; what
 * stands in the path in braces becomes a variable of that name (`{run}` → `$RUN`).
 */
export const curlOf = (url: string, { path, method, operation }: Entry): string => {
  const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`)
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
  const example = content?.example
  const body = typeof example === 'string' ? example : JSON.stringify(example, null, 2)
  const isSigned = operation.parameters.some(({ name }) => name === 'webhook-signature')
  const lines = [
    `curl ${path === '/v1/live' ? '-N ' : ''}${method === 'get' ? '' : `-X ${method.toUpperCase()} `}"${url}${place}${queryOf(operation)}"`,
    ...(operation.security?.length === 0 ? [] : ['-H "Authorization: Bearer $KEY"']),
    ...(isSigned ? signed : []),
    ...(type === undefined ? [] : [`-H ${quoted(`Content-Type: ${type}`)}`]),
    ...(body === undefined ? [] : [`--data-binary ${isSigned ? '"$BODY"' : quoted(body)}`]),
  ]
  const command = lines.join(' \\\n  ')
  return isSigned && body !== undefined ? `BODY=${quoted(body)}\n${signing}\n\n${command}` : command
}

const signed = [
  '-H "webhook-id: $ID"',
  '-H "webhook-timestamp: $TIMESTAMP"',
  '-H "webhook-signature: $SIGNATURE"',
] as const

const queryOf = ({ parameters }: Operation): string => {
  const needed = parameters.filter((one) => one.in === 'query' && one.required)
  return needed.length === 0 ? '' : `?${needed.map(({ name }) => `${name}=$${name.toUpperCase()}`).join('&')}`
}
