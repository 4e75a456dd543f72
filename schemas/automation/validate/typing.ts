import type { Environment } from '@marcbachmann/cel-js'
import type { Definition, Node, Variable } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import { newEnvironment, roots } from '../expression.ts'
import { wrongPattern } from '../expression/patterns.ts'
import type { JsonSchema } from '../json.ts'
import { CelTypes, widen } from './cel.ts'
import { celTypeOf } from './variables.ts'
import { explain, type Wrong } from '../expression/explain.ts'

/** Types of the names that only some places see. */
export type Locals = { item?: string; index?: string; event?: string; loops?: Record<string, string> }

export type Checked = { type: string } | { wrong: Wrong }

/** The types of everything that expressions of one definition may name, and what was said of each expression. */
export class Typing {
  readonly #env = widen(newEnvironment())
  readonly #types = new CelTypes(this.#env)
  readonly #lax = widen(newEnvironment())
  readonly #scopes = new Map<string, { env: Environment; said: Map<string, Checked> }>()
  readonly #vars: Record<string, string>

  constructor({ input, variables, outputs }: Known) {
    const types = this.#types
    const failing = types.struct({ code: 'string', message: 'string', node: 'string', details: 'dyn' })
    const steps = Object.fromEntries(Object.entries(outputs).map(([id, schema]) => [id, types.of(schema)]))
    this.#vars = Object.fromEntries(
      variables.filter(({ name }) => !(name in Object.prototype)).map((one) => [one.name, celTypeOf(one)]),
    )
    const env = this.#env
    env.registerVariable('input', input === undefined ? 'dyn' : types.of(input))
    env.registerVariable('steps', types.struct(steps))
    env.registerVariable('errors', types.struct(Object.fromEntries(Object.keys(steps).map((id) => [id, failing]))))
    env.registerVariable('run', types.struct(runFields))
    env.registerVariable('now', 'google.protobuf.Timestamp')
    for (const root of roots) this.#lax.registerVariable(root, 'dyn')
  }

  /** What an expression gives; `vars` are variables that are taken for another type than they are declared with. */
  check(expression: string, locals: Locals, vars: Readonly<Record<string, string>> = {}): Checked {
    const { env, said } = this.#scope(locals, vars)
    const before = said.get(expression)
    if (before !== undefined) return before
    const made = this.#say(env, expression)
    said.set(expression, made)
    return made
  }

  #say(env: Environment, expression: string): Checked {
    const { valid, type, error } = env.check(expression)
    if (valid) {
      const pattern = wrongPattern(env.parse(expression).ast)
      if (pattern === null) return { type: type ?? 'dyn' }
      const { message, ...range } = pattern
      return { wrong: { code: 'expression_malformed', message, range } }
    }
    // the branches of `a ? b : c` need the same type only where both are known as it runs
    const code = error?.code
    if (code === 'incompatible_ternary_branches' && this.#lax.check(expression).valid) return { type: 'dyn' }
    return { wrong: explain(error, expression) }
  }

  #scope(locals: Locals, vars: Readonly<Record<string, string>>): { env: Environment; said: Map<string, Checked> } {
    const key = JSON.stringify([locals, vars])
    const known = this.#scopes.get(key)
    if (known !== undefined) return known
    const env = this.#env.clone()
    env.registerType('Vars', { fields: { ...this.#vars, ...vars } })
    env.registerOperator('Vars == null', () => false)
    env.registerVariable('vars', 'Vars')
    for (const name of ['item', 'index', 'event'] as const)
      if (locals[name] !== undefined) env.registerVariable(name, locals[name])
    if (locals.loops !== undefined) {
      const types = new CelTypes(env)
      const turns = Object.entries(locals.loops).map(([id, item], at) => {
        env.registerType(`Turn${at}`, { fields: { item, index: 'int' } })
        return [id, `Turn${at}`] as const
      })
      env.registerVariable('loops', turns.length === 0 ? types.of({ type: 'object' }) : loopsType(env, turns))
    }
    const made = { env, said: new Map<string, Checked>() }
    this.#scopes.set(key, made)
    return made
  }
}

const loopsType = (env: Environment, turns: (readonly [string, string])[]): string => {
  env.registerType('Turns', { fields: Object.fromEntries(turns) })
  return 'Turns'
}

/** What `engineInput` tells of a run. */
const runFields = {
  id: 'string',
  automation: 'string',
  name: 'string',
  version: 'double',
  startedAt: 'string',
  test: 'bool',
}

type Known = {
  input: JsonSchema | undefined
  variables: readonly Variable[]
  outputs: Readonly<Record<string, JsonSchema | null>>
}

/** How many sets of types are kept: the document before a change, and after it, on both sides of an undo. */
const keep = 8
const made = new Map<string, Typing>()

/** The types of a definition. What it gives is kept, because most changes of a document change no type in it. */
export function typingOf(definition: Definition, nodes: readonly Node[]): Typing {
  const known: Known = {
    input: definition.input,
    variables: definition.variables ?? [],
    outputs: Object.fromEntries(nodes.map((node) => [node.id, kindOf(node.kind)?.output?.(node, definition) ?? null])),
  }
  const key = JSON.stringify(known)
  const before = made.get(key)
  if (before !== undefined) return before
  const typing = new Typing(known)
  if (made.size >= keep) made.delete(made.keys().next().value ?? '')
  made.set(key, typing)
  return typing
}
