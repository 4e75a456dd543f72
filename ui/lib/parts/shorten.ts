/** A text of at most `most` characters (at least 8): ids differ at their ends, so it is the middle that goes. */
export const shorten = (text: string, most = 18): string => {
  if (text.length <= most) return text
  const head = Math.floor((most - 1) / 3)
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`
}
