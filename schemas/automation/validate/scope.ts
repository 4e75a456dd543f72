import type { Node, Variable } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import type { Root } from '../expression.ts'
import { isCel } from '../value.ts'
import { beforeOf } from './before.ts'
import type { Drawing } from './drawing.ts'
import type { Place } from './places.ts'
import { unsetAt } from './variables.ts'
import { typingOf, type Locals, type Typing } from './typing.ts'

/** What an expression at one place may name. */
export type Scope = {
  locals: Locals
  /** Whether the step comes before this place, on at least one way. */
  hasStep(id: string): boolean
  /** The variable of that name, where it holds nothing yet. */
  unset(name: string): Variable | undefined
  /** Roots that are not there yet where it is evaluated. */
  without: ReadonlySet<Root>
}

/** Roots of what is evaluated before the run begins. */
const beforeTheRun = new Set<Root>(['vars', 'steps', 'errors', 'now'])
const none = new Set<Root>()

/** The scopes of all places of a drawing. */
export class Scopes {
  readonly typing: Typing
  readonly #drawing: Drawing
  readonly #before: (step: string, node: string) => boolean
  readonly #items = new Map<string, string>()
  readonly #turns = new Map<string, Locals>()

  constructor(drawing: Drawing) {
    this.#drawing = drawing
    this.typing = typingOf(drawing.definition, drawing.nodes)
    this.#before = beforeOf(drawing)
  }

  of(place: Place): Scope {
    const { node, field } = place
    const unset = unsetAt(this.#drawing, place, this.#before)
    if (node === null) {
      const early = field !== 'output'
      const hasStep = (id: string) => !early && this.#drawing.byId.get(id)?.within === undefined
      return { locals: {}, hasStep, unset, without: early ? beforeTheRun : none }
    }
    const own = field === 'undo/input' && node.undo?.after !== 'begun' ? node.id : undefined
    const body = kindOf(node.kind)?.turns === true && field === 'collect' ? node.id : undefined
    return {
      locals: { ...this.#around(node), ...this.#named(node, field) },
      hasStep: (id) =>
        id === own || this.#before(id, node.id) || (body !== undefined && this.#drawing.byId.get(id)?.within === body),
      unset,
      without: none,
    }
  }

  /** What the loops around a node give: the entry of the innermost, and each by its name. */
  #around(node: Node): Locals {
    const within = node.within ?? ''
    const known = this.#turns.get(within)
    if (known !== undefined) return known
    const loops = this.#drawing.around(node).filter((one) => kindOf(one.kind)?.turns === true)
    const [inner] = loops
    const made: Locals =
      inner === undefined
        ? {}
        : {
            item: this.#item(inner),
            index: 'int',
            loops: Object.fromEntries(loops.map((loop) => [loop.id, this.#item(loop)])),
          }
    this.#turns.set(within, made)
    return made
  }

  /** Names that only this field of its kind sees. */
  #named(node: Node, field: string): Locals {
    const names = kindOf(node.kind)?.names
    if (names === undefined || !Object.hasOwn(names, field)) return {}
    const { item, index, event } = names[field] ?? {}
    return {
      ...(item === undefined ? {} : { item: this.#item(node) }),
      ...(index === undefined ? {} : { index: 'int' }),
      ...(event === undefined ? {} : { event: 'dyn' }),
    }
  }

  /** The type of one entry of the list a node works through; of a while loop nothing is known. */
  #item(node: Node): string {
    const known = this.#items.get(node.id)
    if (known !== undefined) return known
    // what stands in itself asks for its own entries: of those nothing is known
    this.#items.set(node.id, 'dyn')
    const items = node.with?.['over'] === 'while' ? undefined : node.with?.['items']
    const made = isCel(items) ? this.typing.check(items.cel, this.#around(node)) : undefined
    const [, entry = 'dyn'] = made !== undefined && 'type' in made ? (/^list<(.+)>$/.exec(made.type) ?? []) : []
    this.#items.set(node.id, entry)
    return entry
  }
}
