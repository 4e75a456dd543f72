import type { Definition, Json, JsonObject, JsonSchema, Node } from './definition.ts'
import type { Begun } from './engine/input.ts'
import type { Names } from './expression.ts'
import type { Failure } from './failure.ts'
import type { Problem } from './problem.ts'

/** A way out of a node. `body` leads into what a container repeats or runs side by side. */
export type Port = { id: string; title: string; body?: boolean; tone?: 'good' | 'bad' | 'neutral' }

/** What a node came to: the ports that go on from here, and what later expressions call `steps.<node>`. */
export type Outcome = { ports: readonly string[]; output: Json }

/** What an operation of a connector is told besides its input, and by which queue it is served. */
export type Queue = 'main' | 'connectors' | 'ai'

export type Act = {
  queue: Queue
  /** Which of several activities of one node this is; none for its main one. */
  part?: string
  title?: string
  /** A short argument behind the title on the timeline; never personal data. */
  about?: string
  /** The longest one try may take, in ms. */
  tryMs?: number
  /** In ms, from the first try to the last; the node's own `timeout` goes before it. */
  allMs?: number
  attempts?: number
  /** Done even where the node was stopped: what has to be put in order then. */
  detached?: boolean
}

/** A run of its own that a node starts. */
export type Child = {
  automation: string
  version: string | null
  input: JsonObject
  wait: boolean
  /** Which try this is, from the second on. */
  attempt?: number
}

/** Items of a loop that a child run works through. */
export type Page = { items: Json[]; from: number; concurrency: number; begun?: Begun }

export type Body = { outputs: JsonObject; output: Json }
export type Branch = { done: Promise<Body>; stop(): void }

/** What a kind may do while it executes a node. All of it is durable and replays the same. */
export type Execution = {
  node: Node
  /** The turns of the loops around it: `2.3`, or `0` outside of all. */
  iteration: string
  names: Names
  /** Items given to this node, where its run works through one page of another run's loop, or tests one turn. */
  given: { items: Json[]; from: number; concurrency: number } | null
  /** Whether this is a test run: what would reach the outside world goes to the sandbox. */
  test: boolean
  /** A field of the node's form, expressions evaluated. */
  field(name: string): Json
  /** The same for a value that stands elsewhere, with more names in scope. */
  resolve(value: unknown, more?: Partial<Names>): Json
  act(activity: string, input: JsonObject, options: Act): Promise<Json>
  /** Waits until `until` (ms since 1970; null for ever) or until `told` gives true; gives what ended it. */
  wait(until: number | null, told?: () => boolean, title?: string): Promise<'time' | 'told'>
  /** Runs what hangs on a body port, as turn `turn` of it, `about` an item; each turn is an iteration of its own. */
  body(port: string, turn: number, names: Partial<Names>, about?: Json): Branch
  /** Tells of a turn, begun by `body` or taken over from an earlier run; gives the iteration of what stands in it. */
  turned(turn: number, about?: Json): string
  child(child: Child): Promise<Json>
  /** Gives what the turns gave, and the variables that they set. */
  page(page: Page): Promise<{ outputs: Json[]; vars: JsonObject }>
  /** What survives a change of history; a kind that is asked again after one finds here what it had put in. */
  kept: JsonObject
  /** Sets all of the values or, where one is not what its variable was declared for, none, and fails. */
  vars: { get(): JsonObject; set(values: JsonObject): void }
  /** Whether something that stands in the node sets variables. */
  setsVariables: boolean
  /** How long the node is to wait before it is tried again as a whole, in ms; null where it is not. */
  again(failure: Failure, tries: number): number | null
  /** The messages of a type sent to this node so far, oldest first. */
  messages(type: string): readonly JsonObject[]
  now(): number
  /** Undoes what earlier steps have registered, newest first; all, or that of the nodes named. */
  compensate(why: string, nodes?: readonly string[]): Promise<Json>
  /** What earlier steps have done is undone no more: all, or that of the nodes named. Gives how many. */
  keep(nodes?: readonly string[]): Json
  /** Ends the run with this outcome once its other paths are through, or at once. */
  end(outcome: string, output: Json, atOnce: boolean): void
}

export type CheckAbout = { node: Node; definition: Definition }

export type Kind = {
  kind: string
  title: string
  /** A name of the icon set (lucide). */
  icon: string
  group: 'flow' | 'data' | 'people' | 'outside' | 'thinking'
  /** One sentence on what it is for. */
  purpose: string
  /** What people call it elsewhere, for who searches it by that. */
  also?: readonly string[]
  /** The fields of its form, as JSON Schema of `with`. */
  form: JsonSchema
  /** The shortest valid node of this kind, for the documents and for tests. */
  example: Omit<Node, 'id' | 'kind'>
  ports(node: Node): readonly Port[]
  /** Whether it can fail for reasons of its own, and so has an error port. */
  fails: boolean
  /** What a node may ask of it for when things go wrong: to be tried again, to give what it gave before. */
  can?: { retry?: true; cache?: true }
  /** The ports by which it goes on where this is what it gives, for those that go several ways; none where no way fits. */
  ways?(node: Node, output: Json): readonly string[]
  /** Which of its failures are tried again, in a sentence, where it is not all that may pass. */
  triesAgain?: string
  /** What later expressions find in `steps.<node>`, where it can be known. */
  output?(node: Node, definition: Definition): JsonSchema | undefined
  /** Names that only the fields given here see, beyond the scope of the node. */
  names?: Record<string, Partial<Record<keyof Names, JsonSchema>>>
  checks?(about: CheckAbout): readonly Problem[]
  /** It waits, repeats or starts others: its time limit is a clock of its own, not that of one activity. */
  long?: true
  /** Each turn of its body is an iteration of its own. */
  turns?: true
  /** Whether it executes in no time, with no event; what it gives is given at once. */
  pure: boolean
  run(it: Execution): Outcome | Promise<Outcome>
}

/** Whether a node goes on by one way whatever comes of it, and so may go on when it has failed. */
export const canGoOn = (kind: Kind, node: Node): boolean =>
  kind.fails && kind.ports(node).some(({ id, body }) => id === 'out' && body !== true)

/** The ways by which a node may go on, but for errors. */
export const waysOf = (kind: Kind, node: Node): Port[] => kind.ports(node).filter(({ body }) => body !== true)

export const out = (output: Json = null): Outcome => ({ ports: ['out'], output })
export const main: readonly Port[] = [{ id: 'out', title: 'Then' }]
