import { mayReach } from '#schemas/credentials-hosts.ts'
import { operations as platform } from '#schemas/connectors/operations.ts'
import { afterFailure } from '../after-failure.ts'
import { calledAs, callOf } from '../called.ts'
import type { Node } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import { checker } from '../document/sentences.ts'
import type { JsonSchema } from '../json.ts'
import type { Problem, ProblemCode } from '../problem.ts'
import { isText } from '../value.ts'
import type { About } from '../validate.ts'
import type { Drawing } from './drawing.ts'
import { peopleProblems } from './people.ts'

/** What a definition leans on outside of itself: operations, connections, other automations. */
export function surroundingProblems(drawing: Drawing, about: About): Problem[] {
  return [
    ...drawing.nodes
      .filter((node) => node.disabled !== true)
      .flatMap((node) => [
        ...undoProblems(node, about),
        ...credentialProblems(node, about),
        ...automationProblems(node, about),
        ...callProblems(node, about),
        ...peopleProblems(node, about),
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

const undoProblems = ({ id, undo }: Node, about: About): Problem[] => {
  if (undo === undefined) return []
  if (operationOf(about, undo.operation) !== undefined) return []
  return [problem('unknown_operation', id, '/undo/operation', `There is no operation “${undo.operation}”.`)]
}

/** Fields of a form that are shown as `show`, with the text they hold. */
const shownAs = (node: Node, show: string): { path: string; value: string }[] =>
  Object.entries(kindOf(node.kind)?.form.properties ?? {}).flatMap(([field, schema]) => {
    const value = node.with?.[field]
    return schema['x-show'] === show && typeof value === 'string' && value !== ''
      ? [{ path: `/with/${field}`, value }]
      : []
  })

const credentialProblems = (node: Node, { credentials }: About): Problem[] => {
  if (credentials === undefined) return []
  const url = addressOf(node.with?.['url'])
  return shownAs(node, 'credential').flatMap(({ path, value }) => {
    const known = credentials.find((one) => one.handle === value)
    if (known === undefined) return [problem('credential_missing', node.id, path, `There is no credential “${value}”.`)]
    if (url === null || mayReach(known.hosts, url)) return []
    const message = `“${value}” may be sent to ${known.hosts.join(', ')}, and this calls ${url.host}.`
    return [problem('credential_refused', node.id, path, message)]
  })
}

/** Where a field leads, as far as it says so without being evaluated: its host, with a path that is made of expressions. */
const addressOf = (value: unknown): URL | null => {
  if (typeof value === 'string') return URL.parse(value)
  if (!isText(value)) return null
  const [literal = ''] = value.text.split('{{')
  return /^https?:\/\/[^/?#]+[/?#]/i.test(literal) ? URL.parse(literal) : null
}

/** That it is published; of one that is archived the versions are still there, for who has pinned one. */
const automationProblems = (node: Node, { automations, called = {} }: About): Problem[] => {
  const call = callOf(node)
  const pinned = call !== null && call.version !== null && called[calledAs(call)] != null
  return automations === undefined || pinned
    ? []
    : shownAs(node, 'automation')
        .filter(({ value }) => !automations.includes(value))
        .map(({ path, value }) =>
          problem('unknown_automation', node.id, path, `There is no published automation “${value}”.`),
        )
}

/** That a pinned version is there. */
const callProblems = (node: Node, { called = {} }: About): Problem[] => {
  const call = callOf(node)
  if (call === null || call.version === null || called[calledAs(call)] !== null) return []
  return [
    problem('unknown_automation', node.id, '/with/version', `“${call.automation}” has no version “${call.version}”.`),
  ]
}

const onFailureProblems = ({ definition }: Drawing, { automations, called = {} }: About): Problem[] => {
  const named = definition.settings?.onFailure
  if (named === undefined) return []
  const wrong = (code: ProblemCode, message: string) => [problem(code, undefined, '/settings/onFailure', message)]
  if (automations?.includes(named) === false)
    return wrong('unknown_automation', `There is no published automation “${named}” to start when a run fails.`)
  const follower = called[named]
  const needs = follower?.input === undefined ? [] : unmetAfterFailure(follower.input)
  if (follower == null || needs.length === 0) return []
  return wrong(
    'field_invalid',
    `“${follower.title}” cannot follow a failure: it is given “run”, “failure” and “input”, and takes something else. ${needs.join(' ')}`,
  )
}

/** What the shape of an input needs, or does not take, of what is given to an automation that follows a failure. */
const unmetAfterFailure = (schema: JsonSchema): string[] =>
  checker(schema)(afterFailure({ id: '', automation: '', title: '', receipt: null }, { code: '', message: '' }, {}))
    // what the failed run was given is known when it fails
    .filter(({ path, why }) => why !== 'other' && !path.startsWith('/input/'))
    .map(({ message }) => message)
