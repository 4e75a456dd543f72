import { applyAll } from '#schemas/automation/change.ts'
import { edgeId, type Definition, type Node } from '#schemas/automation/definition.ts'
import type { Present } from '#schemas/automation/presence.ts'
import type { Problem } from '#schemas/automation/problem.ts'
import type { Act } from './acts.ts'
import { commandLog, type CommandLog } from './log.ts'
import { nothingOver, type Overlay } from './overlay.ts'
import { withRoom } from './room.ts'
import { saidOf } from './said.ts'

/** A document being edited: the document, what is chosen in it, and the way back. */
export class Editor {
  #definition = $state.raw<Definition>() as Definition
  #chosen = $state.raw<readonly string[]>([])
  #active = $state<string>()
  #told = $state(0)
  #said = $state('')
  readonly #log: CommandLog
  #typing: string | undefined
  #computed: Definition | undefined
  problems = $state.raw<readonly Problem[]>([])
  overlay = $state.raw<Overlay>(nothingOver)
  /** Who else is at which node. */
  people = $state.raw<ReadonlyMap<string, readonly Present[]>>(new Map())
  readonly readOnly: boolean

  constructor(
    definition: Definition,
    options: { readOnly?: boolean; replay?: (from: Definition, to: Definition, now: Definition) => Definition } = {},
  ) {
    this.#definition = definition
    this.readOnly = options.readOnly ?? false
    this.#log = commandLog(options.replay ?? ((_from, to) => to))
  }

  get definition(): Definition {
    return this.#definition
  }

  /** Ids of the nodes and edges that are chosen. */
  get chosen(): readonly string[] {
    return this.#chosen
  }

  /** The node that the keyboard is at, whose form is shown. */
  get active(): string | undefined {
    return this.#active
  }

  get undoTitle(): string | undefined {
    void this.#told
    return this.#log.undoTitle
  }

  get redoTitle(): string | undefined {
    void this.#told
    return this.#log.redoTitle
  }

  /** What a screen reader is told of the last act. */
  get said(): string {
    return this.#said
  }

  say(sentence: string): void {
    this.#said = sentence
  }

  node(id: string | undefined): Node | undefined {
    return id === undefined ? undefined : this.#definition.nodes.find((node) => node.id === id)
  }

  /** The chosen ones that are nodes. */
  get chosenNodes(): string[] {
    const ids = new Set(this.#definition.nodes.map((node) => node.id))
    return this.#chosen.filter((id) => ids.has(id))
  }

  choose(ids: readonly string[], active = ids.length === 1 ? ids[0] : undefined): void {
    const same = ids.length === this.#chosen.length && ids.every((id) => this.#chosen.includes(id))
    if (!same) this.#chosen = ids
    if (active !== undefined && this.node(active) !== undefined) this.#active = active
  }

  do(act: Act, how: { together?: string } = {}): void {
    if (this.readOnly) return
    this.#typing = how.together
    const after = act.ids ?? this.#chosen
    const { title, changes } = withRoom(this.#definition, act)
    const next = this.#log.do(
      this.#definition,
      { title, changes, together: how.together },
      { before: this.#chosen, after },
    )
    if (next === this.#definition) return
    this.#take(next, after)
    this.#said = saidOf(act, next)
  }

  /** What is typed from now on is an act of its own. */
  pause(): void {
    this.#log.close()
    this.#typing = undefined
  }

  /** Whether a field of a node, or of the document, is being typed in, or one within it. */
  isTypedIn({ node, path }: { node: string | null; path: string }): boolean {
    const field = `${node ?? ''}${path}`
    return this.#typing === field || this.#typing?.startsWith(`${field}/`) === true
  }

  undo = (): void => this.#step('Undone', this.#log.undo(this.#definition))
  redo = (): void => this.#step('Done again', this.#log.redo(this.#definition))

  /** Takes over a document that came from elsewhere; it is no act, and undoing goes on behind it. */
  take(definition: Definition): void {
    this.#take(definition, this.#chosen)
  }

  /** Places that were computed, not chosen by a person: nothing that one would undo, and nothing that is worth a revision. */
  place(changes: Act['changes']): void {
    const placed = applyAll(this.#definition, changes)
    this.#computed = placed
    this.#take(placed, this.#chosen)
  }

  /** Whether what is drawn now differs from what came before by places that were computed alone. */
  get isComputed(): boolean {
    return this.#definition === this.#computed
  }

  #step(verb: string, step: { definition: Definition; chosen: readonly string[]; title: string } | undefined): void {
    if (step === undefined || this.readOnly) return
    this.#take(step.definition, step.chosen)
    this.#said = `${verb}: ${step.title}`
  }

  #take(definition: Definition, chosen: readonly string[]): void {
    this.#definition = definition
    const there = new Set([...definition.nodes.map((node) => node.id), ...definition.edges.map(edgeId)])
    this.#chosen = chosen.filter((id) => there.has(id))
    if (this.#chosen.length === 1 && definition.nodes.some((node) => node.id === this.#chosen[0]))
      this.#active = this.#chosen[0]
    if (this.#active !== undefined && !there.has(this.#active)) this.#active = undefined
    this.#told += 1
  }
}
