import { operations as platform } from '#schemas/connectors/operations.ts'
import type { Node } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import type { Problem, ProblemCode } from '../problem.ts'
import type { About } from '../validate.ts'
import type { Drawing } from './drawing.ts'

/** What a definition leans on outside of itself: operations, connections, other automations. */
export function surroundingProblems(drawing: Drawing, about: About): Problem[] {
  return [
    ...drawing.nodes
      .filter((node) => node.disabled !== true)
      .flatMap((node) => [
        ...undoProblems(node, about),
        ...credentialProblems(node, about),
        ...automationProblems(node, about),
      ]),
    ...onFailureProblems(drawing, about),
  ]
}

const operationsOf = ({ operations = platform }: About) => operations
const operationOf = (about: About, named: unknown) => {
  const known = operationsOf(about)
  return typeof named === 'string' && Object.hasOwn(known, named) ? known[named] : undefined
}

const problem = (code: ProblemCode, node: string | undefined, path: string, message: string): Problem => ({
  code,
  level: 'error',
  ...(node === undefined ? {} : { node }),
  path,
  message,
})

const undoProblems = ({ id, undo }: Node, about: About): Problem[] =>
  undo === undefined || operationOf(about, undo.operation) !== undefined
    ? []
    : [problem('unknown_operation', id, '/undo/operation', `There is no operation “${undo.operation}”.`)]

/** Fields of a form that are shown as `show`, with the text they hold. */
const shownAs = (node: Node, show: string): { path: string; value: string }[] =>
  Object.entries(kindOf(node.kind)?.form.properties ?? {}).flatMap(([field, schema]) => {
    const value = node.with?.[field]
    return schema['x-show'] === show && typeof value === 'string' && value !== ''
      ? [{ path: `/with/${field}`, value }]
      : []
  })

const credentialProblems = (node: Node, about: About): Problem[] => {
  const { credentials } = about
  if (credentials === undefined) return []
  const named = shownAs(node, 'credential')
  const missing = named
    .filter(({ value }) => !credentials.some((one) => one.id === value))
    .map(({ path, value }) => problem('missing_credential', node.id, path, `There is no credential “${value}”.`))
  const [of] = shownAs(node, 'operation')
  const operation = operationOf(about, of?.value)
  if (operation === undefined || named.length > 0 || credentials.some((one) => one.system === operation.system))
    return missing
  const message = `No connection to the ${operation.system.toUpperCase()} is set up, and “${operation.title}” needs one.`
  return [...missing, problem('missing_credential', node.id, '/with/credential', message)]
}

const automationProblems = (node: Node, { automations }: About): Problem[] =>
  automations === undefined
    ? []
    : shownAs(node, 'automation')
        .filter(({ value }) => !automations.includes(value))
        .map(({ path, value }) =>
          problem('unknown_automation', node.id, path, `There is no published automation “${value}”.`),
        )

const onFailureProblems = ({ definition }: Drawing, { automations }: About): Problem[] => {
  const named = definition.settings?.onFailure
  if (named === undefined || automations === undefined || automations.includes(named)) return []
  const message = `There is no published automation “${named}” to start when a run fails.`
  return [problem('unknown_automation', undefined, '/settings/onFailure', message)]
}
