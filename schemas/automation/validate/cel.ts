import type { Environment } from '@marcbachmann/cel-js'
import type { JsonSchema } from '../json.ts'

/** How deep a schema is followed; below that anything goes. */
const deepest = 12

/**
 * JSON Schemas as types of the expression language. All numbers of JSON are `double`; what may be null, or one of several
 * types, or is not said, is `dyn`, of which everything may be asked.
 */
export class CelTypes {
  readonly #env: Environment
  readonly #known = new Map<string, string>()

  constructor(env: Environment) {
    this.#env = env
  }

  of(schema: unknown, depth = 0): string {
    if (typeof schema !== 'object' || schema === null || depth > deepest) return 'dyn'
    const { type, properties, additionalProperties, items, enum: values, const: value, ...rest } = schema as JsonSchema
    if (rest.anyOf !== undefined || rest.oneOf !== undefined || rest.$ref !== undefined) return 'dyn'
    if (values?.includes(null) === true || value === null) return 'dyn'
    if (type === 'string') return 'string'
    if (type === 'number' || type === 'integer') return 'double'
    if (type === 'boolean') return 'bool'
    if (type === 'array') return `list<${this.of(items, depth + 1)}>`
    if (type !== 'object') return 'dyn'
    const names = Object.keys(properties ?? {})
    if (additionalProperties !== undefined && additionalProperties !== false)
      return names.length === 0 ? `map<string, ${this.of(additionalProperties, depth + 1)}>` : 'dyn'
    if (names.length === 0) return 'map<string, dyn>'
    return this.struct(
      Object.fromEntries(Object.entries(properties ?? {}).map(([name, one]) => [name, this.of(one, depth + 1)])),
    )
  }

  /** An object with these fields and no other; the same fields are the same type. */
  struct(fields: Record<string, string>): string {
    const named = Object.entries(fields).filter(([name]) => !(name in Object.prototype))
    const key = JSON.stringify(named)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const name = `Object${this.#known.size}`
    this.#env.registerType(name, { fields: Object.fromEntries(named) })
    this.#env.registerOperator(`${name} == null`, () => false)
    this.#known.set(key, name)
    return name
  }
}

/** What comparing and looking up numbers takes beyond the evaluator, which sees values and not their types. */
export function widen(env: Environment): Environment {
  const never = () => false
  env.registerOperator('double in list<int>', never)
  env.registerOperator('int in list<double>', never)
  env.registerOperator('list<double> == list<int>', never)
  env.registerOperator('map == null', never)
  return env
}
