/** Puts text on the clipboard; says whether it worked (a page served in plain has no clipboard). */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
