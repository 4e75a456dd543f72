import type { Change } from '#schemas/steering/change.ts'
import type { Policy } from '#schemas/steering/policies.ts'
import type { Problem as RuleProblem } from '#schemas/steering/problem.ts'
import { call } from '../call.ts'
import { isProblem } from '../problem.ts'
import type { changed, draw, Drawn, freeId } from './rules.ts'

/** What reads and writes the text; it is loaded with the first policy. */
type Rules = { changed: typeof changed; draw: typeof draw; freeId: typeof freeId }

/** A pause of so long in what is typed, in ms, is taken for the end of it. */
const pause = 600

type Theirs = { text: string; revision: number; by: string }

/** A policy that is edited: one text, drawn or as it is written, which is saved when its writer pauses. */
export class PolicyEditor {
  readonly id: string
  policy = $state.raw() as Policy
  text = $state('')
  drawn = $state.raw<Drawn | null>(null)
  problems = $state.raw<readonly RuleProblem[]>([])
  saving = $state<'saved' | 'waiting' | 'saving' | 'failed'>('saved')
  failed = $state.raw<unknown>()
  /** What somebody else has saved meanwhile. */
  theirs = $state.raw<Theirs | null>(null)
  revision = $state(0)
  /** The text that the problems are of. */
  checked = $state('')
  #saved = ''
  #rules: Rules
  #timer: ReturnType<typeof setTimeout> | undefined
  #work: Promise<void> = Promise.resolve()

  private constructor(id: string, rules: Rules) {
    this.id = id
    this.#rules = rules
  }

  static async open(id: string, signal: AbortSignal): Promise<PolicyEditor> {
    const [found, rules] = await Promise.all([
      call('GET /v1/steering/policies/:policy', { policy: id }, undefined, { signal }),
      import('./rules.ts'),
    ])
    const editor = new PolicyEditor(id, rules)
    editor.policy = found.policy
    editor.#take(found.text, found.revision)
    void editor.#validate()
    return editor
  }

  get errors(): number {
    return this.problems.filter(({ level }) => level === 'error').length
  }

  type(text: string): void {
    if (text === this.text) return
    this.text = text
    this.drawn = this.#rules.draw(text)
    this.saving = 'waiting'
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.flush().catch(() => {}), pause)
  }

  change(change: Change): void {
    this.type(this.#rules.changed(this.text, change))
  }

  addRule(): void {
    const id = this.#rules.freeId(this.drawn?.rules ?? [])
    this.change({ do: 'add_rule', rule: { id, decide: { keep: true } } })
  }

  /** Takes what somebody else has saved, or puts what is here over it. */
  async settle(whose: 'theirs' | 'mine'): Promise<void> {
    const { theirs } = this
    if (theirs === null) return
    this.theirs = null
    if (whose === 'theirs') {
      this.#take(theirs.text, theirs.revision)
      return this.#validate()
    }
    this.revision = theirs.revision
    await this.flush()
  }

  /** Saves what is not saved yet, and finds out what is wrong with it. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#work = this.#work.catch(() => {}).then(() => this.#save())
    return this.#work
  }

  async reload(): Promise<void> {
    const found = await call('GET /v1/steering/policies/:policy', { policy: this.id })
    this.policy = found.policy
    if (this.text === this.#saved) this.#take(found.text, found.revision)
    await this.#validate()
  }

  #take(text: string, revision: number): void {
    this.text = text
    this.#saved = text
    this.revision = revision
    this.drawn = this.#rules.draw(text)
    this.saving = 'saved'
  }

  async #save(): Promise<void> {
    const { text } = this
    if (this.theirs !== null) return
    if (text === this.#saved) {
      this.saving = 'saved'
      return this.#validate()
    }
    this.saving = 'saving'
    try {
      const { revision } = this
      const saved = await call('PUT /v1/steering/policies/:policy/draft', { policy: this.id }, { text, revision })
      this.revision = saved.revision
      this.#saved = text
      this.failed = undefined
      if (this.text === text) this.saving = 'saved'
      await this.reload()
    } catch (error) {
      this.saving = 'failed'
      if (!this.#isConflict(error)) this.failed = error
      throw error
    }
  }

  #isConflict(error: unknown): boolean {
    if (!isProblem(error) || error.code !== 'draft_conflict') return false
    const { text, revision, by } = error.extra
    if (typeof text !== 'string' || typeof revision !== 'number') return false
    const name = by !== null && typeof by === 'object' && 'name' in by ? String(by.name) : 'Somebody'
    this.theirs = { text, revision, by: name }
    return true
  }

  async #validate(): Promise<void> {
    const { text } = this
    const { problems } = await call('POST /v1/steering/policies/:policy/validate', { policy: this.id }, { text })
    if (text !== this.text) return
    this.problems = problems
    this.checked = text
  }
}
