/** What a try has said of how it gets on, in words where it is known what it says. */
export const progressWords = (progress: string): string => {
  const asks = asksOf(progress)
  return asks.length === 0 ? progress : `Asked: ${asks.join(', ')}`
}

/** What a model asked of tools, by their titles. */
const asksOf = (progress: string): string[] => {
  try {
    const said = JSON.parse(progress) as { asks?: unknown } | null
    return Array.isArray(said?.asks) ? said.asks.filter((one) => typeof one === 'string') : []
  } catch {
    // long ones are cut
    return []
  }
}
