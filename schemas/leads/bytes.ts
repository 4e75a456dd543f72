import type { Note } from './lead.ts'

const note = (code: string, message: string): Note => ({ code, message, line: 1, column: 1 })

// Made once: making one costs more than decoding a lead.
const latin1 = new TextDecoder('windows-1252')
const utf8 = new TextDecoder('utf-8', { fatal: true })

const decoder = (label: string): InstanceType<typeof TextDecoder> | null => {
  try {
    return new TextDecoder(label)
  } catch {
    return null
  }
}

/** A byte order mark first, then how the first `<` is spelt (XML 1.0 appendix F). */
const utf16 = (bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null => {
  const [a, b] = bytes
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return 'utf-16le'
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return 'utf-16be'
  return null
}

const declared = (bytes: Uint8Array, contentType: string | null | undefined): string | null => {
  const charset = /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType ?? '')?.[1]
  if (charset) return charset
  const head = latin1.decode(bytes.subarray(0, 300))
  return /<\?xml[^>]{0,200}?encoding\s*=\s*["'“”]?([\w.:-]+)/i.exec(head)?.[1] ?? null
}

/**
 * Turns a raw body into text: by byte order mark, by the charset of the content type, by the XML declaration,
 * else UTF-8; bytes that are not what they say they are become Windows-1252, with a note. Never throws.
 */
export const decodeBody = (bytes: Uint8Array, contentType?: string | null): { text: string; notes: Note[] } => {
  const wide = utf16(bytes)
  if (wide) return { text: new TextDecoder(wide).decode(bytes), notes: [] }
  const notes: Note[] = []
  const label = declared(bytes, contentType)
  // Declared in single bytes, so it cannot be UTF-16 whatever it says.
  if (label && !/^utf-?(?:8|16)/i.test(label)) {
    const other = decoder(label)
    if (other) return { text: other.decode(bytes), notes }
    notes.push(note('encoding_unknown', `The encoding ${label.slice(0, 40)} is unknown; read as UTF-8.`))
  }
  try {
    return { text: utf8.decode(bytes), notes }
  } catch {
    notes.push(note('encoding_assumed', 'The body is not UTF-8; read as Windows-1252.'))
    return { text: latin1.decode(bytes), notes }
  }
}
