/**
 * The neutral form between the wires: what is asked of a model and what it answers, in one word for each thing. A wire
 * reads its JSON into this form and writes this form into its JSON. What only one wire has a word for travels along as
 * `extra` or as a foreign part: that wire gets it back as it was, and every other says that it cannot say it.
 */
export const wireNames = ['chat', 'messages', 'responses', 'gemini', 'converse', 'completions'] as const
export type WireName = (typeof wireNames)[number]

export type JsonMembers = { [key: string]: unknown }

/** Members that only one wire knows. */
export type Extra = { wire: WireName; members: JsonMembers }

/** All that comes before this place is worth keeping in the provider's prompt cache, for so many seconds if it says. */
export type CacheMark = { seconds?: number }

/** Where the bytes of an image, a document or a sound are. `mime` is known where the wire says it. */
export type Source =
  | { from: 'url'; url: string; mime?: string }
  | { from: 'bytes'; mime: string; base64: string }
  | { from: 'file'; id: string }

/**
 * What a provider wrote for itself alone: the signature of a thought, or the thought encrypted. It is worth something to
 * the wire that made it, and to that one only.
 */
export type Seal = { wire: WireName; data: string }

type Marked = { cache?: CacheMark; extra?: Extra }
export type TextPart = Marked & { type: 'text'; text: string; seal?: Seal }
export type ImagePart = Marked & { type: 'image'; source: Source; detail?: 'auto' | 'low' | 'high' | 'original' }
export type DocumentPart = Marked & {
  type: 'document'
  source: Source | { from: 'text'; text: string }
  name?: string
}
export type AudioPart = Marked & { type: 'audio'; source: Source }
/** `summary`: written for readers about the thought. `hidden`: only the seal is given. `id` groups what is one item. */
export type ThinkingPart = {
  type: 'thinking'
  text: string
  seal?: Seal
  summary?: true
  hidden?: true
  id?: string
  extra?: Extra
}
/** `arguments` is the JSON as the model wrote it, which may be broken or empty. */
export type ToolCallPart = Marked & { type: 'tool_call'; id: string; name: string; arguments: string; seal?: Seal }
export type ToolResultPart = Marked & {
  type: 'tool_result'
  call: string
  parts: (TextPart | ImagePart | DocumentPart | ForeignPart)[]
  failed?: true
}
export type RefusalPart = { type: 'refusal'; text: string; extra?: Extra }
/** What only `wire` can say, as it said it. */
export type ForeignPart = { type: 'foreign'; wire: WireName; value: JsonMembers }

export type Part =
  | TextPart
  | ImagePart
  | DocumentPart
  | AudioPart
  | ThinkingPart
  | ToolCallPart
  | ToolResultPart
  | RefusalPart
  | ForeignPart

/** Results of tools stand in turns of their own; adjacent ones are one turn. */
export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool'
export type Turn = { role: Role; parts: Part[]; extra?: Extra }

export type FunctionTool = Marked & {
  type: 'function'
  name: string
  description?: string
  /** JSON Schema of the arguments. */
  parameters?: JsonMembers
  strict?: boolean
}
export type Tool = FunctionTool | { type: 'foreign'; wire: WireName; value: JsonMembers }

export type ToolChoice = 'auto' | 'none' | 'required' | { name: string }
export type AnswerFormat =
  | { type: 'json' }
  | { type: 'schema'; schema: JsonMembers; name?: string; description?: string; strict?: boolean }

export const efforts = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
export type Effort = (typeof efforts)[number]

/** How much the model thinks before it answers; `budget` in tokens. */
export type Thinking = {
  mode?: 'on' | 'off' | 'auto'
  effort?: Effort
  budget?: number
  show?: 'summarized' | 'omitted'
}

/** What is asked of a model. */
export type Dialogue = {
  model: string
  turns: Turn[]
  tools?: Tool[]
  toolChoice?: ToolChoice
  parallelTools?: boolean
  format?: AnswerFormat
  thinking?: Thinking
  verbosity?: 'low' | 'medium' | 'high'
  maxTokens?: number
  temperature?: number
  topP?: number
  topK?: number
  stop?: string[]
  seed?: number
  presencePenalty?: number
  frequencyPenalty?: number
  /** How many answers; one if absent. */
  choices?: number
  /** How likely the tokens were, each with so many others that came near. */
  logprobs?: number
  stream?: boolean
  /** Whether a stream ends with its usage, where the wire leaves that to who asks. */
  streamUsage?: boolean
  user?: string
  metadata?: Record<string, string>
  tier?: string
  /** Groups requests that begin alike, for the prompt cache. */
  cacheKey?: string
  extra?: Extra
}

/**
 * Tokens by kind. `input`, `cacheRead` and `cacheWrite` do not overlap: their sum is the prompt. `output` is all that was
 * written, thoughts included. The kinds below are parts of those above. What is absent was not told.
 */
export type Usage = {
  input: number
  output: number
  cacheRead?: number
  cacheWrite?: number
  /** Of `cacheWrite`: to be kept for an hour or longer, which costs more. */
  cacheWriteLong?: number
  /** Of `output`. */
  reasoning?: number
  /** Of `input`. */
  audioInput?: number
  /** Of `output`. */
  audioOutput?: number
  /** Of `input`. */
  imageInput?: number
  /** Of `output`. */
  imageOutput?: number
  /** How long a sound is that was read, where that is what is billed. */
  seconds?: number
  /** In which tier it was answered, where that has a price of its own. */
  tier?: 'flex'
}

/** Why the model stopped. `other`: for a reason that has no word here; the wire's own is in the extra. */
export type Stop =
  | 'end'
  | 'length'
  | 'stop_sequence'
  | 'tool_calls'
  | 'refusal'
  | 'filtered'
  | 'pause'
  | 'context'
  | 'other'

export type Choice = {
  parts: Part[]
  stop: Stop
  /** The sequence that stopped it. */
  sequence?: string
  logprobs?: unknown
  extra?: Extra
}

/** What the model answers; `created` in seconds since 1970. */
export type Reply = {
  id: string
  model: string
  created?: number
  choices: Choice[]
  usage?: Usage
  tier?: string
  extra?: Extra
}

/**
 * What a wire cannot say, or says otherwise. `matters`: the answer may be another one for it. `near`: it is said in a way that
 * comes near, so that nobody has to be refused for it.
 */
export type Unsaid = { path: string; sentence: string; matters: boolean; near?: true }
export type Written = { body: JsonMembers; unsaid: Unsaid[] }
