import { type Node, scripts, treeOf, walk } from './repository.ts'

export type Column = { table: string; column: string; nullable: boolean }

const nameOf = (node: Node | undefined): string => String(node?.['name'] ?? node?.['value'])

const membersOf = (declaration: Node): { name: string; type: Node }[] =>
  ((declaration['typeAnnotation'] as Node)['members'] as Node[]).map((member) => ({
    name: nameOf(member['key'] as Node),
    type: (member['typeAnnotation'] as Node)['typeAnnotation'] as Node,
  }))

const referenceOf = (type: Node): string => nameOf(type['typeName'] as Node | undefined)

const argumentsOf = (type: Node): Node[] => ((type['typeArguments'] as Node | null)?.['params'] ?? []) as Node[]

/** Whether reading the column may give null: a union with null, also inside `Generated<…>` and `ColumnType<…>`. */
const isNullable = (type: Node, aliases: Map<string, Node>): boolean => {
  if (type.type === 'TSUnionType') return (type['types'] as Node[]).some((one) => one.type === 'TSNullKeyword')
  if (type.type !== 'TSTypeReference') return false
  const name = referenceOf(type)
  const [read] = argumentsOf(type)
  if (['Generated', 'GeneratedAlways', 'ColumnType'].includes(name))
    return read !== undefined && isNullable(read, aliases)
  const alias = aliases.get(name)
  return alias !== undefined && isNullable(alias['typeAnnotation'] as Node, aliases)
}

/** Every column of `schemas/tables/`, as its row type says it. */
export function declaredColumns(): Column[] {
  const paths = scripts.filter((path) => path.startsWith('schemas/tables/'))
  const declarations = paths
    .flatMap((path) => [...walk(treeOf(path))])
    .filter((node) => node.type === 'TSTypeAliasDeclaration')
  const aliases = new Map(declarations.map((declaration) => [nameOf(declaration['id'] as Node), declaration]))
  const groups = declarations.filter(
    (declaration) =>
      nameOf(declaration['id'] as Node).endsWith('Tables') &&
      (declaration['typeAnnotation'] as Node).type === 'TSTypeLiteral',
  )
  return groups.flatMap(membersOf).flatMap(({ name: table, type }) => {
    const row = aliases.get(referenceOf(type))
    if (row === undefined) throw new Error(`The row type of ${table} is not in schemas/tables/.`)
    return membersOf(row).map(({ name, type: column }) => ({
      table,
      column: name,
      nullable: isNullable(column, aliases),
    }))
  })
}
