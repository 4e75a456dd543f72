/** JSON pointers (RFC 6901) into documents: what problems, changes and conflicts name a place by. */
export const segments = (path: string): string[] =>
  path === ''
    ? []
    : path
        .slice(1)
        .split('/')
        .map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~'))

export const pointer = (parts: readonly (string | number)[]): string =>
  parts.map((one) => `/${String(one).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Keys that name a part of every object in JavaScript: no document holds them, and no path goes through them. */
export const prototypeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
