import { z } from 'zod'
import { guardKind } from './kind.ts'

const names = z.array(z.string().trim().min(1).max(128)).max(500).default([])

/** A name with `*` for anything. */
const matcher = (pattern: string): ((tool: string) => boolean) => {
  if (!pattern.includes('*')) return (tool) => tool === pattern
  const parts = pattern.split('*')
  return (tool) => {
    let at = 0
    for (const [n, part] of parts.entries()) {
      const found =
        n === 0
          ? tool.startsWith(part)
            ? 0
            : -1
          : n === parts.length - 1
            ? tool.length - part.length
            : tool.indexOf(part, at)
      if (found < at || !tool.startsWith(part, found)) return false
      at = found + part.length
    }
    return true
  }
}

export const tools = guardKind({
  title: 'Tools',
  about: 'Says which tools a model may be offered, and may call.',
  sides: ['input', 'output'],
  mends: 'A tool that is not allowed is not offered. A call of one is refused: an answer cannot do without it.',
  options: z
    .object({
      allow: names.meta({
        title: 'Allowed',
        description: 'By name, with * for anything. Where none is named, all that are not denied.',
        example: ['read_*'],
      }),
      deny: names.meta({ title: 'Denied', description: 'These are never allowed.', example: ['delete_customer'] }),
    })
    .refine(({ allow, deny }) => allow.length + deny.length > 0, 'name at least one'),
  compile: ({ allow, deny }) => {
    const [allowed, denied] = [allow.map(matcher), deny.map(matcher)]
    return {
      does: 'offers',
      allows: (tool) => !denied.some((is) => is(tool)) && (allowed.length === 0 || allowed.some((is) => is(tool))),
    }
  },
})
