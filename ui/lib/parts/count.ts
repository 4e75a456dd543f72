/** So many of something: `1 step`, `3,000 steps`; `many` where it is not made by an s. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
