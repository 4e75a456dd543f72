import type { Node } from '../definition.ts'
import { isObject, type Json } from '../json.ts'
import type { Fix, Problem } from '../problem.ts'
import type { About } from '../validate.ts'

const fields = { assignees: 'Who decides', escalateTo: 'Hand up to' } as const

/**
 * Whom an approval names that may not decide here: who has left, or is of the people that it was imported from. Where
 * nobody else is named it would wait for nobody.
 */
export function peopleProblems(node: Node, { people }: About): Problem[] {
  if (people === undefined || node.kind !== 'approval') return []
  return Object.entries(fields).flatMap(([field, title]): Problem[] => {
    const { named, role } = askedIn(node.with?.[field])
    const gone = named.filter((one): one is string => typeof one === 'string' && !people.includes(one))
    if (gone.length === 0) return []
    const left = named.filter((one) => !gone.includes(one as string))
    const nobody = left.length === 0 && role === undefined
    const path = `/with/${field}/people`
    const who = `${gone.length === 1 ? 'somebody who is' : `${gone.length} who are`} not among your people, or may not decide`
    return [
      {
        code: 'unknown_person',
        level: nobody ? 'error' : 'warning',
        node: node.id,
        path,
        message: `“${title}” names ${who}: ${gone.slice(0, 3).join(', ')}${gone.length > 3 ? ', …' : ''}.`,
        ...(nobody ? {} : { fix: takeOut(node, path, left, gone.length) }),
      },
    ]
  })
}

const askedIn = (asked: Json | undefined): { named: Json[]; role: Json | undefined } => {
  if (!isObject(asked)) return { named: [], role: undefined }
  const { people, role } = asked
  return { named: Array.isArray(people) ? people : [], role }
}

const takeOut = (node: Node, path: string, left: Json[], many: number): Fix => ({
  title: many === 1 ? 'Take them out' : `Take the ${many} out`,
  apply: [{ do: 'set', node: node.id, path, ...(left.length === 0 ? {} : { value: left }) }],
})
