import type { CacheMark, Source } from './dialogue.ts'

const dataUrl = /^data:([^;,]*)((?:;[^;,]*)*?);base64,/

/** A source from a URL, which may carry the bytes in itself. */
export const sourceOfUrl = (url: string): Source => {
  const head = dataUrl.exec(url.slice(0, 300))
  if (head === null) return { from: 'url', url }
  return { from: 'bytes', mime: head[1] || 'application/octet-stream', base64: url.slice(head[0].length) }
}

export const urlOfBytes = (source: { mime: string; base64: string }): string =>
  `data:${source.mime};base64,${source.base64}`

/** Times to live as wires spell them, in seconds. */
const times: Record<string, number> = { '5m': 300, '30m': 1800, '1h': 3600, '12h': 43_200, '24h': 86_400 }

export const markOf = (ttl: string | undefined): CacheMark => {
  const seconds = ttl === undefined ? undefined : times[ttl]
  return seconds === undefined ? {} : { seconds }
}

/** The first of the times that a wire knows that keeps as long as is asked, else its longest. */
export const ttlOf = ({ seconds }: CacheMark, known: readonly string[]): string | undefined =>
  seconds === undefined ? undefined : (known.find((one) => (times[one] ?? 0) >= seconds) ?? known.at(-1))
