const names = /\{(\w+)\}/g

/** What is to be filled in where an address is `https://{resource}.example.com`, in its order. */
export const blanksOf = (address: string | null): string[] =>
  [...(address ?? '').matchAll(names)].flatMap(([, name]) => (name === undefined ? [] : [name]))

/** The address with its blanks filled in; null while one is empty. */
export const filled = (address: string, given: Readonly<Record<string, string>>): string | null =>
  blanksOf(address).every((name) => (given[name] ?? '').trim() !== '')
    ? address.replaceAll(names, (_, name: string) => (given[name] ?? '').trim())
    : null
