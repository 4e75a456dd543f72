/** Passages shorter than this stay: naming where they stood would hardly be shorter. */
const shortest = 200
const pointer = '[The same passage as above.]'
const fence = /```/

/**
 * Leaves out of a conversation what says nothing new: spaces at the ends of lines, more than one empty line, and long passages that
 * stand word for word in an earlier message. What was said is still all there, and what stands before a message changes nothing
 * about it later, so that providers go on finding the conversation in their caches. Texts with code in them stay as they are.
 */
export function trimmed(texts: readonly string[]): string[] {
  const said = new Set<string>()
  return texts.map((text) => {
    if (fence.test(text)) return text
    const passages = text.replace(/[ \t]+$/gm, '').split(/\n{2,}/)
    const kept = passages.map((passage) => (passage.length >= shortest && said.has(passage) ? pointer : passage))
    for (const passage of passages) said.add(passage)
    return kept.join('\n\n')
  })
}
