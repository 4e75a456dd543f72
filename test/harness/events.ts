import { type Node, scripts, treeOf, walk } from './repository.ts'

export type DeclaredEvent = { name: string; type: string; version: number }

/** Every `export const name = eventType('type', version, …)` of schemas/. */
export const events = (): DeclaredEvent[] =>
  scripts
    .filter((path) => path.startsWith('schemas/') && !path.endsWith('.test.ts'))
    .flatMap((path) => [...walk(treeOf(path))])
    .filter((node) => node.type === 'VariableDeclarator')
    .flatMap((node) => {
      const call = node['init'] as Node | null
      if (call?.type !== 'CallExpression' || (call['callee'] as Node)['name'] !== 'eventType') return []
      const [type, version] = call['arguments'] as [Node, Node]
      return [
        { name: String((node['id'] as Node)['name']), type: String(type['value']), version: Number(version['value']) },
      ]
    })

const irregular = 'begun built held left lost made paid put run sent set won written withdrawn'.split(' ')

/** Whether a word of the type is a participle: `lead_accepted`, `signed_in`, `reply_sent`. */
export const isPastTense = (type: string): boolean =>
  type.split('_').some((word) => word.endsWith('ed') || irregular.includes(word))
