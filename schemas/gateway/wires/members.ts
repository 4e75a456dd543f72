import { isObject } from '#schemas/automation/json.ts'
import { Fault, isFault } from '#schemas/errors.ts'
import type { Extra, JsonMembers, WireName } from './dialogue.ts'

/** Refuses a body for what stands at one place of it (a JSON pointer from its root). */
export const refuse = (path: string, message: string): never => {
  throw new Fault('invalid', `${path === '' ? 'The body' : path} ${message}`, { issues: [{ path, message }] })
}

/** A value inside a body, and where it stands there. */
export class Place {
  readonly value: unknown
  readonly path: string

  constructor(value: unknown, path: string) {
    this.value = value
    this.path = path
  }

  get text(): string {
    return typeof this.value === 'string' ? this.value : refuse(this.path, 'must be a text.')
  }
  get number(): number {
    return typeof this.value === 'number' ? this.value : refuse(this.path, 'must be a number.')
  }
  /** Which of several answers is meant: a list is made as long as that. */
  get index(): number {
    const { number } = this
    return Number.isInteger(number) && number >= 0 && number < 256
      ? number
      : refuse(this.path, 'must be a small whole number.')
  }
  get flag(): boolean {
    return typeof this.value === 'boolean' ? this.value : refuse(this.path, 'must be true or false.')
  }
  get list(): Place[] {
    if (!Array.isArray(this.value)) return refuse(this.path, 'must be a list.')
    return this.value.map((value, index) => new Place(value, `${this.path}/${index}`))
  }
  get object(): JsonMembers {
    return isObject(this.value) ? this.value : refuse(this.path, 'must be an object.')
  }
  get members(): Members {
    return new Members(this.object, this.path)
  }
  oneOf<const Word extends string>(...words: Word[]): Word {
    return words.find((word) => word === this.value) ?? refuse(this.path, `must be one of ${words.join(', ')}.`)
  }
}

/** The members of an object, each to be taken once: what nobody took remains. A null counts as absent. */
export class Members {
  readonly value: JsonMembers
  readonly path: string
  readonly #taken = new Set<string>()

  constructor(value: JsonMembers, path = '') {
    this.value = value
    this.path = path
  }

  at(key: string): string {
    return `${this.path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
  }
  take(key: string): Place | undefined {
    this.#taken.add(key)
    const value = Object.hasOwn(this.value, key) ? this.value[key] : undefined
    return value === undefined || value === null ? undefined : new Place(value, this.at(key))
  }
  need(key: string): Place {
    return this.take(key) ?? refuse(this.at(key), 'is missing.')
  }
  text(key: string): string | undefined {
    return this.take(key)?.text
  }
  number(key: string): number | undefined {
    return this.take(key)?.number
  }
  flag(key: string): boolean | undefined {
    return this.take(key)?.flag
  }
  list(key: string): Place[] | undefined {
    return this.take(key)?.list
  }
  members(key: string): Members | undefined {
    return this.take(key)?.members
  }
  /** What nobody took, as what only this wire knows. */
  rest(wire: WireName): Extra | undefined {
    const left = Object.entries(this.value).filter(([key, value]) => !this.#taken.has(key) && value != null)
    return left.length === 0 ? undefined : { wire, members: Object.fromEntries(left) }
  }
}

/** The members of a whole body. */
export const bodyOf = (body: unknown): Members => {
  if (!isObject(body))
    throw new Fault('bad_request', 'The body must be a JSON object.', {
      issues: [{ path: '', message: 'must be an object.' }],
    })
  return new Members(body)
}

/** Reads what a provider sent: if that is malformed it is the provider's failure, and not a mistake of who asked. */
export const asProvider = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!isFault(error)) throw error
    throw new Fault('unavailable', `The provider's answer is malformed: ${error.message}`, error.extra, error)
  }
}

type Known<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The same members without those that are undefined. */
export const known = <const T extends object>(members: T): Known<T> => {
  const entries = Object.entries(members)
  if (entries.every(([, value]) => value !== undefined)) return members
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Known<T>
}

/** A list of the one, or of none. */
export const orNone = <T>(one: T | undefined): T[] => (one === undefined ? [] : [one])

export { isObject }
