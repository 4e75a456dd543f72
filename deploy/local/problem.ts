/** A failure that a person can do something about: what went wrong, and the next thing to try. */
export class Problem extends Error {
  override name = 'Problem'

  constructor(what: string, next: string, cause?: unknown) {
    super(`${what} ${next}`.trim(), cause === undefined ? undefined : { cause })
  }
}

/** The exit code of a script that has said such a sentence, and nothing else. */
export const explained = 3

const sentences: Record<string, string> = {
  ENOSPC: 'The disk is full. Free some space (about 1 GB is needed) and start again.',
  EDQUOT: 'Your disk quota is used up. Free some space (about 1 GB is needed) and start again.',
  EROFS: 'The folder is read-only. Set AUTERITY_HOME to a folder that you may write to.',
  EACCES: 'The folder may not be written to. Set AUTERITY_HOME to a folder that you may write to.',
  EPERM: 'The folder may not be changed. Set AUTERITY_HOME to a folder that you own.',
}

/** The sentence for a system code that stands in what a program said; undefined where there is none. */
export const sentenceIn = (text: string): string | undefined => {
  if (text.includes('No space left')) return sentences['ENOSPC']
  return Object.entries(sentences).find(([code]) => new RegExp(`\\b${code}\\b`).test(text))?.[1]
}

/** SQLITE_FULL, which is how a lock file learns of a full disk. */
const isFullStore = (error: unknown): boolean => (error as { errcode?: number }).errcode === 13

/** The sentence to show for any error: the problem's own, the one for its system code, or its message. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof Problem) return error.message
  const { code = '', path = '' } = error as NodeJS.ErrnoException
  const sentence = sentences[code] ?? (isFullStore(error) ? sentences['ENOSPC'] : undefined)
  return sentence ? `${path ? `${path}: ` : ''}${sentence}` : error instanceof Error ? error.message : String(error)
}
