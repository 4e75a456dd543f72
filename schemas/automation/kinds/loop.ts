import type { Begun } from '../engine/input.ts'
import { Failure } from '../failure.ts'
import { out, type Branch, type Execution, type Kind, type Outcome } from '../kind.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { gather } from './gather.ts'
import { itemsOf } from './items.ts'

/** A loop over more items than this is worked through page by page, each page a run of its own. */
export const pageSize = 500
/** How many pages are at work at once, at the most. */
const pagesAtOnce = 4
/** The most turns of a while loop. */
export const mostTurns = 100_000

export const loop: Kind = {
  kind: 'loop',
  title: 'Loop',
  icon: 'repeat',
  group: 'flow',
  purpose: 'Repeats its body for each entry of a list, or while a condition holds.',
  also: ['for each', 'repeat', 'iterate', 'batch', 'while'],
  form: {
    type: 'object',
    properties: {
      over: {
        type: 'string',
        title: 'Repeat',
        enum: ['items', 'while'],
        'x-words': { items: 'For each of a list', while: 'While a condition holds' },
        default: 'items',
        'x-plain': true,
      },
      items: {
        type: 'array',
        title: 'For each of',
        description: 'The body sees “item” and “index”.',
        'x-show': 'cel',
      },
      while: {
        type: 'boolean',
        title: 'While',
        description: 'Sees “index”, and in “item” what the turn before came to.',
        'x-show': 'condition',
      },
      most: {
        type: 'integer',
        title: 'At most (turns)',
        minimum: 1,
        maximum: mostTurns,
        description: 'A while loop that reaches it fails with “loop_bound”.',
        'x-plain': true,
      },
      concurrency: {
        type: 'integer',
        title: 'At once',
        minimum: 1,
        maximum: 100,
        default: 1,
        'x-plain': true,
      },
      collect: {
        title: 'Collect',
        description: 'What each turn adds to the list; sees the body’s steps. Without it, what its last step gives.',
        'x-show': 'cel',
      },
      onFailure: {
        type: 'string',
        title: 'When a turn fails',
        enum: ['stop', 'collect'],
        'x-words': { stop: 'The loop fails', collect: 'It gives { error }, the others go on' },
        default: 'stop',
        'x-plain': true,
      },
    },
    additionalProperties: false,
  },
  example: {
    title: 'For each customer',
    with: { over: 'items', items: { cel: 'input.customers' }, concurrency: 10 },
  },
  ports: () => [
    { id: 'each', title: 'Each', body: true },
    { id: 'out', title: 'Then' },
  ],
  fails: true,
  pure: false,
  long: true,
  turns: true,
  output: (node) =>
    node.with?.['over'] === 'while'
      ? { type: 'object', properties: { turns: { type: 'integer' }, last: {} }, required: ['turns', 'last'] }
      : { type: 'array' },
  names: {
    collect: { item: {}, index: { type: 'integer' } },
    while: { item: {}, index: { type: 'integer' } },
  },
  checks: ({ node }) => {
    const whileLoop = node.with?.['over'] === 'while'
    const missing = whileLoop ? 'while' : 'items'
    const problems: ReturnType<NonNullable<Kind['checks']>>[number][] = []
    if (node.with?.[missing] === undefined)
      problems.push({
        code: 'field_missing',
        level: 'error',
        node: node.id,
        path: `/with/${missing}`,
        message: whileLoop ? '“While” needs a condition.' : '“For each of” needs a list.',
      })
    if (whileLoop && typeof node.with?.['most'] !== 'number')
      problems.push({
        code: 'unbounded_loop',
        level: 'error',
        node: node.id,
        path: '/with/most',
        message: 'A while loop needs a bound: how many turns at most.',
        fix: { title: 'At most 100 turns', apply: [{ do: 'set', node: node.id, path: '/with/most', value: 100 }] },
      })
    return problems
  },
  run: (it) => (it.node.with?.['over'] === 'while' && it.given === null ? whileHolds(it) : forEach(it)),
}

const collected = (it: Execution, body: { output: Json; outputs: JsonObject }, item: Json, at: number): Json => {
  const collect = it.node.with?.['collect']
  if (collect === undefined) return body.output
  const steps = { ...(it.names.steps as JsonObject), ...body.outputs }
  return it.resolve(collect, { steps, item, index: at })
}

/** The names that one turn adds to what its body sees. */
const turnNames = (it: Execution, item: Json, at: number) => ({
  item,
  index: at,
  loops: { ...(isObject(it.names.loops) ? it.names.loops : {}), [it.node.id]: { item, index: at } },
})

const forEach = async (it: Execution): Promise<Outcome> => {
  const items = (it.given?.items ?? it.kept['items'] ?? itemsOf(it, 'For each of')) as Json[]
  if (it.given !== null) return out(await turns(it, items, it.given.from, it.given.concurrency))
  const concurrency = Number(it.node.with?.['concurrency'] ?? 1)
  it.kept['items'] = items
  if (items.length > pageSize) {
    it.kept['paged'] = true
    return out(await pages(it, items, concurrency))
  }
  return out(await turns(it, items, 0, concurrency))
}

/** Works through the items, so many at once; gives what each came to, in their order. */
const turns = async (it: Execution, items: Json[], from: number, concurrency: number): Promise<Json[]> => {
  const results = (it.kept['results'] ??= {}) as JsonObject
  for (const at of Object.keys(results).map(Number)) it.turned(from + at + 1, items[at])
  const open = items.flatMap((_item, at) => (String(at) in results ? [] : [at]))
  const collect = it.node.with?.['onFailure'] === 'collect'
  const begin = (): Map<number, Branch> => {
    const at = open.shift()
    if (at === undefined) return new Map()
    const item = items[at] as Json
    return new Map([[at, it.body('each', from + at + 1, turnNames(it, item, from + at), item)]])
  }
  const first = new Map<number, Branch>()
  for (let n = 0; n < concurrency; n++) for (const [at, branch] of begin()) first.set(at, branch)
  await gather(first, (ended) => {
    if ('error' in ended) {
      if (!collect || !(ended.error instanceof Failure)) throw ended.error
      results[String(ended.key)] = { error: ended.error.failing as unknown as Json }
    } else {
      results[String(ended.key)] = collected(it, ended.body, items[ended.key] as Json, from + ended.key)
    }
    return begin()
  })
  return items.map((_item, at) => results[String(at)] ?? null)
}

/** Each page is a run of its own, so that no history grows with the number of items. */
const pages = async (it: Execution, items: Json[], concurrency: number): Promise<Json[]> => {
  // pages know nothing of what the others set meanwhile, so those that set something go one by one
  const atOnce = it.setsVariables ? 1 : Math.min(pagesAtOnce, concurrency)
  const shares = Array.from({ length: atOnce }, (_, n) => Math.floor((concurrency + n) / atOnce))
  const results = (it.kept['pages'] ??= {}) as Record<string, Json[]>
  const begun = (it.kept['begun'] ?? {}) as Record<string, Begun>
  const all = Array.from({ length: Math.ceil(items.length / pageSize) }, (_page, n) => n * pageSize)
  const starts = all.filter((from) => !(String(from) in results))
  const next = async (share: number): Promise<void> => {
    for (let from = starts.shift(); from !== undefined; from = starts.shift()) {
      const page = { items: items.slice(from, from + pageSize), from, concurrency: share }
      const known = begun[from]
      const { outputs, vars } = await it.page(known === undefined ? page : { ...page, begun: known })
      results[String(from)] = outputs
      it.vars.set(vars)
    }
  }
  await Promise.all(shares.map(next))
  return all.flatMap((from) => results[String(from)] ?? [])
}

const whileHolds = async (it: Execution): Promise<Outcome> => {
  const most = Number(it.node.with?.['most'] ?? 0)
  for (;;) {
    const at = Number(it.kept['turn'] ?? 0)
    const last = it.kept['last'] ?? null
    if (it.kept['inTurn'] !== true) {
      const holds = it.resolve(it.node.with?.['while'], { item: last, index: at })
      if (typeof holds !== 'boolean') throw new Failure('expression_failed', '“While” gives no yes or no.')
      if (!holds) return out({ turns: at, last })
      if (at >= most) throw new Failure('loop_bound', `The loop has done its ${most} turns and would go on.`)
    }
    it.kept['inTurn'] = true
    const body = await it.body('each', at + 1, turnNames(it, last, at)).done
    it.kept['last'] = collected(it, body, last, at)
    it.kept['turn'] = at + 1
    it.kept['inTurn'] = false
  }
}
