/** Tags as rules see them: `store=north`, or the name alone where there is no value. */
export const tagList = (tags: Readonly<Record<string, string>>): string[] =>
  Object.entries(tags).map(([name, value]) => (value === '' ? name : `${name}=${value}`))

/** Tags with those that rules add, which go before others of their name. */
export const tagged = (tags: Readonly<Record<string, string>>, more: readonly string[]): Record<string, string> => ({
  ...tags,
  ...Object.fromEntries(
    more.map((tag) => {
      const at = tag.indexOf('=')
      return at === -1 ? [tag, ''] : [tag.slice(0, at), tag.slice(at + 1)]
    }),
  ),
})

/** What a list says for a name; an empty text where it says nothing. */
export const valueOfTag = (tags: readonly string[], name: string): string =>
  tags.find((tag) => tag.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
