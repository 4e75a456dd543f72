/** A value in a line, for where a whole view has no room. */
export const inWords = (value: unknown): string => {
  if (value === undefined || value === null) return '—'
  const said = typeof value === 'string' ? value : JSON.stringify(value)
  return said.length > 200 ? `${said.slice(0, 199)}…` : said
}
