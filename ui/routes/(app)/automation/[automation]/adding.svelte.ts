import { edgeId, titleOf } from '#schemas/automation/definition.ts'
import { addAfter, addBehind, insertOn, onlyStart, type Act } from '#ui/lib/automation/acts.ts'
import { placeIn } from '#ui/lib/automation/canvas/drop.ts'
import type { CanvasHandle, Wanted } from '#ui/lib/automation/canvas/handle.ts'
import type { Editor } from '#ui/lib/automation/editor.svelte.ts'
import { portsOf } from '#ui/lib/automation/shape.ts'

type Around = { editor: Editor; canvas: () => CanvasHandle | undefined }

/** A step about to be added: where it is wanted, and how that is said. */
export class Adding {
  #wanted = $state.raw<Wanted>()
  readonly #editor: Editor
  readonly #canvas: Around['canvas']

  constructor({ editor, canvas }: Around) {
    this.#editor = editor
    this.#canvas = canvas
  }

  /** Whether the palette is open. */
  get asked(): boolean {
    return this.#wanted !== undefined
  }

  ask = (where: Wanted = {}): void => {
    this.#wanted = where
  }

  leave = (): void => {
    this.#wanted = undefined
    this.#canvas()?.focus()
  }

  /** The edge that was asked for, else the one that alone is chosen. */
  get #edge(): string | undefined {
    const { chosen, definition } = this.#editor
    if (this.#wanted?.edge !== undefined || this.#wanted?.after !== undefined) return this.#wanted.edge
    return chosen.length === 1 && definition.edges.some((edge) => edgeId(edge) === chosen[0]) ? chosen[0] : undefined
  }

  get #behind(): string | undefined {
    const { chosenNodes, active, definition } = this.#editor
    return this.#editor.node(chosenNodes.at(-1) ?? active)?.id ?? onlyStart(definition)
  }

  /** Where what is chosen will stand: `behind “Read the lead”`. */
  get where(): string {
    if (this.#edge !== undefined) return 'on the connection'
    const node = this.#editor.node(this.#wanted?.after?.node ?? this.#behind)
    return node === undefined ? 'in the middle' : `behind “${titleOf(node)}”`
  }

  /** Adds a step of a kind, or an action with its operation. */
  add = (what: string): void => {
    const act = this.#act(what)
    this.#wanted = undefined
    this.#editor.do(act)
    const [made] = act.ids ?? []
    if (made === undefined) return
    // what is typed next is meant for the note
    if (what === 'note') this.#canvas()?.write(made)
    else this.#canvas()?.reveal(made)
  }

  #act(what: string): Act {
    const { definition } = this.#editor
    const { after, at } = this.#wanted ?? {}
    const edge = this.#edge
    if (edge !== undefined) return insertOn(definition, edge, what)
    if (after === undefined || at === undefined)
      return addBehind(definition, what, this.#behind, this.#canvas()?.middle() ?? { x: 0, y: 0 })
    const from = this.#editor.node(after.node)
    const body = from !== undefined && portsOf(from).some((port) => port.id === after.port && port.body)
    return addAfter(definition, what, after, placeIn(definition, at, body ? after.node : from?.within))
  }
}
