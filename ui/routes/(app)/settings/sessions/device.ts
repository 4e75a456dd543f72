const browsers: readonly [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const machines: readonly [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
]

/** What a person calls it: `Chrome on Linux`. What is not known is shown as it came, cut. */
export const deviceOf = (userAgent: string | null): string => {
  if (userAgent === null || userAgent === '') return 'Unknown device'
  const browser = browsers.find(([is]) => is.test(userAgent))?.[1]
  const machine = machines.find(([is]) => is.test(userAgent))?.[1]
  if (browser === undefined) return userAgent.slice(0, 60)
  return machine === undefined ? browser : `${browser} on ${machine}`
}
