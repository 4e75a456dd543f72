import { isObject } from '#schemas/automation/json.ts'
import { parseKept } from '#schemas/gateway/guardrails/body.ts'
import { spanOf, valueAt } from '#schemas/gateway/wires/splice.ts'
import type { Asked } from './asked.ts'
import type { Seen } from './guard-seen.ts'

/** The name of a tool, or of a call of one; one that a provider brings along goes by its type. */
const nameOf = (tool: unknown): string | undefined => {
  if (!isObject(tool)) return undefined
  const { name, function: called, custom, type } = tool
  const said = name ?? (isObject(called) ? called['name'] : isObject(custom) ? custom['name'] : undefined) ?? type
  return typeof said === 'string' ? said : undefined
}

const offering = (seen: readonly Seen[]) =>
  seen.flatMap((one) => {
    const { check } = one.applied.guard
    return check.does === 'offers' ? [{ one, allows: (tool: string) => check.allows(tool) }] : []
  })

/** What changes of a body so that only tools are offered that are allowed: members that are set, and those that go. */
export type Offer = { set: Record<string, string>; drop: readonly string[] }
const asItIs: Offer = { set: {}, drop: [] }

export function allowedTools({ bytes, scanned }: Asked, seen: readonly Seen[]): Offer {
  const guards = offering(seen).filter(({ one }) => one.applied.guard.input)
  if (guards.length === 0) return asItIs
  const gone = new Set<string>()
  const set: Record<string, string> = {}
  const drop: string[] = []
  for (const key of ['tools', 'functions']) {
    const span = spanOf(scanned, key)
    const tools = span && parseKept(Buffer.from(bytes.subarray(span.start, span.end)).toString())
    if (!Array.isArray(tools)) continue
    const left = tools.filter((tool) => {
      const name = nameOf(tool)
      const against = name === undefined ? [] : guards.filter(({ allows }) => !allows(name))
      for (const { one } of against) {
        one.count('input', 'tool')
        one.do(did[one.applied.act])
      }
      const isGone = against.some(({ one }) => one.applied.act === 'mask')
      if (isGone && name !== undefined) gone.add(name)
      return !isGone
    })
    if (left.length === 0 && tools.length > 0) drop.push(key, ...aboutTools)
    else if (left.length < tools.length) set[key] = JSON.stringify(left)
  }
  // who insists on a tool that is gone leaves it to the model
  for (const key of ['tool_choice', 'function_call'])
    if (namesIn(valueAt(bytes, scanned, key)).some((name) => gone.has(name))) drop.push(key)
  return { set, drop }
}

const did = { flag: 'flagged', mask: 'masked', block: 'blocked' } as const
/** What may not be said where no tools are. */
const aboutTools = ['tool_choice', 'function_call', 'parallel_tool_calls']

const namesIn = (choice: unknown): string[] => {
  if (!isObject(choice)) return []
  const { name, function: called, custom, tools, allowed_tools: allowed } = choice
  const inner = [called, custom, allowed, ...(Array.isArray(tools) ? (tools as unknown[]) : [])]
  return [...(typeof name === 'string' ? [name] : []), ...inner.flatMap(namesIn)]
}

/** Calls that an answer makes, or an event of one begins. */
export function lookAtCalls(called: unknown, seen: readonly Seen[]): void {
  for (const { one, allows } of offering(seen)) {
    if (!one.applied.guard.output) continue
    for (const name of callsIn(called, 0)) if (!allows(name)) one.object('output', 'tool_call')
  }
}

/** Whether somebody looks at calls. */
export const looksAtCalls = (seen: readonly Seen[]): boolean =>
  offering(seen).some(({ one }) => one.applied.guard.output)

const isCall = /(?:^function|_call|tool_use|^custom)$/

const callsIn = (value: unknown, depth: number): string[] => {
  if (depth > 8) return []
  if (Array.isArray(value)) return value.flatMap((one) => callsIn(one, depth + 1))
  if (!isObject(value)) return []
  // an answer repeats what it was offered
  const { type, function_call: legacy, tool_calls: calls, tools: _, tool_choice: __, ...rest } = value
  if (typeof type === 'string' && isCall.test(type)) return [nameOf(value)?.replace(/_call$/, '') ?? type]
  // in a stream only the first piece of a call has a type, and a name
  const called = [legacy, ...(Array.isArray(calls) ? (calls as unknown[]) : [])].flatMap((call) =>
    isObject(call) ? (nameOf({ ...call, type: undefined }) ?? []) : [],
  )
  return [...called, ...Object.values(rest).flatMap((one) => callsIn(one, depth + 1))]
}
