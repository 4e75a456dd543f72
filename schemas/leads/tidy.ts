import { bounds } from './lead.ts'
import type { Notebook } from './notes.ts'
import type { Said } from './raw.ts'

// oxlint-disable-next-line no-control-regex -- control characters are what is taken out
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff]/g

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** Never ends in half of a surrogate pair. */
const cut = (text: string, max: number): string => {
  const end = Math.min(text.length, max)
  return text.slice(0, isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end).trim()
}

/** Nothing to tidy: printable ASCII words with single spaces between them. */
const plain = /^[!-~]+(?: [!-~]+)*$/
const oneLine = (text: string): string => text.replaceAll(controls, '').replaceAll(/\s+/g, ' ').trim()

/** Turns what a wire said into trimmed, bounded values, noting each loss. */
export const tidier = (book: Notebook) => {
  const bounded = (text: string, max: number, at: number | null): string | null => {
    if (text.length > max) book.add('text_cut', `A text of ${text.length} characters is cut to ${max}.`, at)
    return cut(text, max) || null
  }
  const one = (max: number) => (said: Said) =>
    said ? bounded(plain.test(said.text) ? said.text : oneLine(said.text), max, said.at) : null

  const number = (said: Said): number | null => {
    const text = said?.text.trim()
    if (!said || !text) return null
    const digits = /^[^\d.-]{0,8}(\d{1,3}(?:[, ]\d{3})+|\d{1,12})(\.\d{1,4})?(k)?(?:[^\d]{0,20})?$/i.exec(
      text.slice(0, 60),
    )
    if (digits) return Number(`${digits[1]?.replaceAll(/\D/g, '')}${digits[2] ?? ''}`) * (digits[3] ? 1000 : 1)
    book.add('number_unreadable', `${JSON.stringify(text.slice(0, 40))} is not a number; passed over.`, said.at)
    return null
  }

  return {
    word: one(bounds.word),
    line: one(bounds.line),
    number,
    /** Keeps line breaks. */
    text: (said: Said): string | null =>
      said ? bounded(said.text.replaceAll(/\r\n?/g, '\n').replaceAll(controls, '').trim(), bounds.text, said.at) : null,
    /** At most `max` entries; says so where there are more. */
    few: <T>(list: T[], max: number, what: string): T[] => {
      if (list.length > max) book.add('list_cut', `${list.length} ${what}; the first ${max} are kept.`, null)
      return list.slice(0, max)
    },
  }
}

export type Tidier = ReturnType<typeof tidier>
