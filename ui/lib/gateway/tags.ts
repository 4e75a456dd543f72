/** Each tag as it is read, by name, which stands alone where it has no value: they come in no order of their own. */
export const tagList = (tags: Readonly<Record<string, string>>): string[] =>
  Object.entries(tags)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .toSorted((a, b) => a.localeCompare(b))

/** Tags as one types them: `store=north, team=service`. */
export const tagsText = (tags: Readonly<Record<string, string>>): string => tagList(tags).join(', ')

/** Reads what was typed; what stands before the first `=` is the name, and a piece without one is a name alone. */
export const readTags = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split(',')
      .map((piece) => piece.trim())
      .filter((piece) => piece !== '')
      .map((piece) => {
        const [name = '', ...rest] = piece.split('=')
        return [name.trim(), rest.join('=').trim()]
      }),
  )
