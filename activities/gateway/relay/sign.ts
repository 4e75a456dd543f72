import { AwsV4Signer } from 'aws4fetch'
import type { AwsKey } from '#schemas/gateway/kinds/kind.ts'

/** Keys for a day, a region and a service, which are worked out from secrets: as many as there are providers, anew each day. */
const derived = new Map<string, ArrayBuffer>()
const mostDerived = 1_000

/** The region stands in the address; elsewhere it is the one that AWS takes where none is named. */
const regionOf = (host: string): string => /\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(host)?.[1] ?? 'us-east-1'

/** The headers of a request with those by which AWS knows who asks, and that nobody has changed it on its way. */
export async function signed(
  key: AwsKey,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<Record<string, string>> {
  if (derived.size > mostDerived) derived.clear()
  const signer = new AwsV4Signer({
    ...key,
    region: regionOf(url.host),
    method: 'POST',
    url: url.href,
    headers: { ...headers },
    body: new Uint8Array(body),
    cache: derived,
  })
  const { headers: said } = await signer.sign()
  return Object.fromEntries([...said].filter(([name]) => name !== 'host'))
}
