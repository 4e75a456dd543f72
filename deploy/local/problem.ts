/** A failure that a person can do something about: what went wrong, and the next thing to try. */
export class Problem extends Error {
  override name = 'Problem'

  constructor(what: string, next: string, cause?: unknown) {
    super(`${what} ${next}`, cause === undefined ? undefined : { cause })
  }
}

const sentences: Record<string, string> = {
  ENOSPC: 'The disk is full. Free some space (about 1 GB is needed) and start again.',
  EDQUOT: 'Your disk quota is used up. Free some space (about 1 GB is needed) and start again.',
  EROFS: 'The folder is read-only. Set AUTERITY_HOME to a folder that you may write to.',
  EACCES: 'The folder may not be written to. Set AUTERITY_HOME to a folder that you may write to.',
  EPERM: 'The folder may not be changed. Set AUTERITY_HOME to a folder that you own.',
}

/** The sentence to show for any error: the problem's own, the one for its system code, or its message. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof Problem) return error.message
  const { code = '', path = '' } = error as NodeJS.ErrnoException
  const sentence = sentences[code]
  return sentence ? `${path ? `${path}: ` : ''}${sentence}` : error instanceof Error ? error.message : String(error)
}
