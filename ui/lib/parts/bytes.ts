/** `812 B`, `1.4 kB`, `2.1 MB`. */
export const bytesText = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`
  const [size, unit] = bytes < 999_950 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB']
  return `${size.toFixed(size < 99.95 ? 1 : 0)} ${unit}`
}
