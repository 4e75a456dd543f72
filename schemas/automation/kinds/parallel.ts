import { Failure } from '../failure.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { Node } from '../definition.ts'
import { out, type Branch, type Kind } from '../kind.ts'
import { gather } from './gather.ts'

type Named = { port: string; title?: string }

/** The branches of a parallel block as its form holds them. */
export const branchesOf = (node: Node): Named[] => {
  const branches = node.with?.['branches']
  return Array.isArray(branches) ? branches.flatMap((one) => (isNamed(one) ? [one] : [])) : []
}
const isNamed = (one: unknown): one is Named => isObject(one) && typeof one['port'] === 'string'

export const parallel: Kind = {
  kind: 'parallel',
  title: 'Parallel',
  icon: 'git-fork',
  group: 'flow',
  purpose: 'Runs branches side by side and goes on when all, some or the first are through.',
  also: ['fork', 'split', 'branch', 'race', 'at the same time', 'join'],
  form: {
    type: 'object',
    properties: {
      branches: {
        type: 'array',
        title: 'Branches',
        minItems: 1,
        maxItems: 50,
        items: {
          type: 'object',
          properties: {
            port: { type: 'string', title: 'Port', pattern: '^[a-z][a-zA-Z0-9_]{0,63}$', 'x-plain': true },
            title: { type: 'string', title: 'Name', 'x-plain': true },
          },
          required: ['port'],
          additionalProperties: false,
        },
      },
      until: {
        type: 'string',
        title: 'Go on when',
        description:
          'Branches that are stopped keep what they have done. Should the run fail later, that is undone as well.',
        enum: ['all', 'any', 'some', 'race'],
        'x-words': {
          all: 'All are through; one that fails ends the rest',
          any: 'The first has succeeded',
          some: 'So many have succeeded',
          race: 'The first has ended, well or not',
        },
        default: 'all',
        'x-plain': true,
      },
      count: { type: 'integer', title: 'How many', minimum: 1, maximum: 50, 'x-plain': true },
    },
    required: ['branches'],
    additionalProperties: false,
  },
  example: { title: 'Ask both', with: { branches: [{ port: 'crm' }, { port: 'dms' }], until: 'all' } },
  ports: (node) => [
    ...branchesOf(node).map(({ port, title }) => ({ id: port, title: title ?? port, body: true })),
    { id: 'out', title: 'Then' },
  ],
  fails: true,
  pure: false,
  long: true,
  output: () => ({
    type: 'object',
    properties: { first: { type: 'string' }, branches: { type: 'object' } },
    required: ['branches'],
  }),
  checks: ({ node }) => {
    const [most, count] = [branchesOf(node).length, node.with?.['count']]
    const missing = count === undefined
    if (node.with?.['until'] !== 'some' || (!missing && !(Number(count) > most))) return []
    return [
      {
        code: missing ? 'field_missing' : 'field_invalid',
        level: 'error',
        node: node.id,
        path: '/with/count',
        message: missing
          ? '“How many” needs a number: of how many branches it waits for the success.'
          : `There are ${most} branches, so ${Number(count)} of them cannot succeed.`,
        ...(most === 0
          ? {}
          : {
              fix: {
                title: missing ? 'Wait for one' : `Wait for all ${most}`,
                apply: [{ do: 'set', node: node.id, path: '/with/count', value: missing ? 1 : most }],
              },
            }),
      },
    ]
  },
  run: async (it) => {
    const ports = branchesOf(it.node).map(({ port }) => port)
    const until = it.node.with?.['until'] ?? 'all'
    const needed = until === 'all' ? ports.length : until === 'some' ? Number(it.node.with?.['count'] ?? 1) : 1
    const done = (it.kept['done'] ??= {}) as JsonObject
    const failed = (it.kept['failed'] ??= {}) as JsonObject
    const left = ports.filter((port) => !(port in done) && !(port in failed))
    const open = new Map<string, Branch>(left.map((port) => [port, it.body(port, 0, {})]))
    await gather(open, (ended) => {
      if ('error' in ended) {
        if (!(ended.error instanceof Failure)) throw ended.error
        failed[ended.key] = ended.error.failing
        const stillPossible = ports.length - Object.keys(failed).length >= needed
        if (until === 'race' || !stillPossible) throw ended.error
        return 'more'
      }
      it.kept['first'] ??= ended.key
      done[ended.key] = ended.body.output
      return Object.keys(done).length >= needed ? 'enough' : 'more'
    })
    return out({ first: it.kept['first'] ?? null, branches: done })
  },
}
