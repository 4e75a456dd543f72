import { emptyAnswer, emptyContent } from '#schemas/gateway/playground-empty.ts'
import type { PlaygroundAnswer, PlaygroundContent, WholePlayground } from '#schemas/gateway/playgrounds.ts'
import { call } from '../../call.ts'
import { paced } from '../../paced.ts'
import { isProblem } from '../../problem.ts'
import { ask } from './ask.ts'
import { nameOf, problemsOf, questionOf } from './question.ts'

/** How often it is saved at the most, in ms. */
const saveEvery = 1_000
const unnamed = nameOf('')

/** One conversation as it stands on the screen: asked, filled as answers come, and saved by itself. */
export class Desk {
  content = $state<PlaygroundContent>(structuredClone(emptyContent))
  name = $state(unnamed)
  shared = $state(false)
  mine = $state(true)
  /** Null until it is saved for the first time. */
  id = $state<string | null>(null)
  saving = $state<'idle' | 'busy' | 'conflict' | 'failed'>('idle')
  /** What was done last, for those who hear the screen. */
  told = $state('')
  #revision = 0
  #asking = $state.raw<ReadonlyMap<number, AbortController>>(new Map())
  /** One is saved after the other. */
  #line = Promise.resolve()
  readonly #pace = paced(saveEvery, () => this.#save())
  readonly #made: (id: string) => void

  /** `made`: it has an address from now on. */
  constructor(made: (id: string) => void, whole?: WholePlayground) {
    this.#made = made
    if (whole !== undefined) this.#read(whole)
  }

  #read({ id, name, shared, mine, revision, content }: WholePlayground): void {
    Object.assign(this, { id, name, shared, mine, content: withEnds(content) })
    this.#revision = revision
  }

  get busy(): boolean {
    return this.#asking.size > 0
  }

  isAsking(column: number): boolean {
    return this.#asking.has(column)
  }

  /** Whether it may be sent without a word: a model waits for what its tools answer. */
  get waitsForTools(): boolean {
    return this.content.turns.at(-1)?.answers.some((answer) => (answer?.calls.length ?? 0) > 0) ?? false
  }

  /** Asks all models; in place of turn `at` and what follows it, where one is given. */
  send(text: string, images: readonly string[], at = this.content.turns.length): void {
    const { problems } = this
    if (this.busy || !this.mine || problems.tools !== null || problems.schema !== null) return
    const { content } = this
    content.turns = content.turns.slice(0, at)
    const before = content.turns.at(-1)
    const isSilent = text === '' && images.length === 0
    content.turns.push({ text, images: [...images], answers: content.models.map(() => null) })
    if (at === 0 && this.name === unnamed) this.rename(nameOf(text))
    for (const column of content.models.keys())
      if (!isSilent || (before?.answers[column]?.calls.length ?? 0) > 0) void this.again(column)
  }

  /** Asks one model for the last turn, once more where it has answered. */
  async again(column: number): Promise<void> {
    const model = this.content.models[column]
    const turn = this.content.turns.at(-1)
    if (model === undefined || turn === undefined || this.isAsking(column)) return
    const abort = new AbortController()
    this.#asking = new Map([...this.#asking, [column, abort]])
    turn.answers[column] = emptyAnswer(model, 'asking')
    // read back: what is in the state is what the screen follows
    const answer = turn.answers[column]
    this.touch()
    await ask(questionOf($state.snapshot(this.content), column), answer, abort.signal, () => this.touch())
    this.#asking = new Map([...this.#asking].filter(([one]) => one !== column))
    this.told = `${model} ${endWords[answer.state]}`
    this.touch()
  }

  stop(column?: number): void {
    for (const [one, abort] of this.#asking) if (column === undefined || one === column) abort.abort()
  }

  get problems() {
    return problemsOf(this.content)
  }

  addModel(model: string): void {
    this.content.models.push(model)
    for (const turn of this.content.turns) turn.answers.push(null)
  }

  removeModel(column: number): void {
    this.content.models.splice(column, 1)
    for (const turn of this.content.turns) turn.answers.splice(column, 1)
  }

  rename(name: string): void {
    this.name = name
    if (this.id === null) return
    call('PATCH /v1/gateway/playgrounds/:playground', { playground: this.id }, { name }).catch(() => {
      this.saving = 'failed'
    })
  }

  async share(shared: boolean): Promise<void> {
    if (this.id === null) await this.#save()
    if (this.id === null) return
    await call('PATCH /v1/gateway/playgrounds/:playground', { playground: this.id }, { shared })
    this.shared = shared
  }

  /** It was changed: it is saved soon. */
  touch(): void {
    if (this.mine && this.saving !== 'conflict') this.#pace.ask()
  }

  /** Keeps what is here as another one, of one's own. */
  async copy(): Promise<void> {
    Object.assign(this, {
      id: null,
      mine: true,
      shared: false,
      saving: 'idle',
      name: `${this.name} (copy)`.slice(0, 120),
    })
    await this.#save()
  }

  close(): void {
    this.stop()
    this.#pace.stop()
  }

  #save(): Promise<void> {
    this.#line = this.#line.then(() => this.#saveNow())
    return this.#line
  }

  async #saveNow(): Promise<void> {
    const { name, id } = this
    const content = $state.snapshot(this.content)
    this.saving = 'busy'
    try {
      if (id === null) {
        const made = await call('POST /v1/gateway/playgrounds', {}, { name, content })
        this.id = made.id
        this.#revision = made.revision
        this.#made(made.id)
        if (this.name !== name) this.rename(this.name)
      } else {
        const body = { content, revision: this.#revision }
        const saved = await call('PUT /v1/gateway/playgrounds/:playground/content', { playground: id }, body)
        this.#revision = saved.revision
      }
      this.saving = 'idle'
    } catch (error) {
      this.saving = isProblem(error) && error.code === 'conflict' ? 'conflict' : 'failed'
    }
  }
}

const endWords: Record<PlaygroundAnswer['state'], string> = {
  asking: 'is answering.',
  done: 'has answered.',
  stopped: 'was stopped.',
  failed: 'has not answered.',
}

/** What was coming when it was saved does not come any more. */
const withEnds = (content: PlaygroundContent): PlaygroundContent => {
  for (const { answers } of content.turns)
    for (const answer of answers)
      if (answer?.state === 'asking') {
        answer.state = 'failed'
        answer.error = {
          title: 'Cut off when the page was left.',
          detail: 'What came of it is on the page of its request, where bodies are recorded.',
        }
      }
  return content
}
