/** A value in a line, for where a whole view has no room. */
export const inWords = (value: unknown): string => {
  if (value === undefined || value === null) return '—'
  const said = typeof value === 'string' ? value : JSON.stringify(value)
  return said.length > 200 ? `${said.slice(0, 199)}…` : said
}

/** Which version ran: what was only tested has no number. */
export const versionInWords = (number: number): string => (number === 0 ? 'draft, as tested' : `version ${number}`)
