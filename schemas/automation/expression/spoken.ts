const words: [pattern: RegExp, word: string][] = [
  [/^string$/, 'a text'],
  [/^double$/, 'a number'],
  [/^u?int$/, 'a whole number'],
  [/^bool$/, 'yes or no'],
  [/^null(_type)?$/, 'an empty value'],
  [/^list\b/, 'a list'],
  [/^(map\b|Object\d+$)/, 'an object'],
  [/Timestamp$/, 'a time'],
  [/Duration$/, 'a length of time'],
]

/** What stands in `dyn<…>` is what was found where nothing was known before. */
export const bare = (type: string): string => /^dyn<(.+)>$/.exec(type.trim())?.[1] ?? type.trim()

/** A type of the expression language, as a person says it. */
export const spoken = (type: string): string =>
  words.find(([pattern]) => pattern.test(bare(type)))?.[1] ?? 'something else'
