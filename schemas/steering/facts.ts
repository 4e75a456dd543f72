/** What is known of a request when it is steered. The gateway gives it; nothing here is worked out for it. */
export type Facts = {
  /** Now, in ms since 1970. */
  at: number
  /** The time zone of the tenant, by its IANA name. */
  zone: string
  /** Stands for key, user, team and tags, where many requests share all of them; they never change for it. */
  readonly caller?: object
  tenant: Named
  key: Named & { tags: readonly string[] }
  /** The person behind the key, with empty texts where there is none; the same for teams. */
  user: { id: string; email: string }
  team: Named
  /** Tags of the request and of its key. */
  tags: readonly string[]
  request: RequestFacts
  budget: BudgetFacts
  /** Those that rules may see, by their names in small letters. */
  headers: Readonly<Record<string, string>>
  /** What was said; asked for once at most, and only where a rule reads it. */
  prompt: () => Conversation
  /** What can be told of the prompt without reading it, which is dear; left out where nothing can. */
  readonly unread?: Unread
  /** What the classifier that is in force says of it; null where there is none. Asked only where a rule reads it. */
  readonly judge: Judge | null
}

export type Unread = {
  /** It has no more tokens or characters than this, and no more turns than that. */
  readonly most: number
  readonly mostTurns: number
  /** Whether a text may stand in it; false only where it certainly does not. */
  mayHold(text: string): boolean
}

/** Says of what a user said last, and of the kind of task, whether the cheap model would do. */
export type Judge = (said: () => string, task: string) => Verdict
/** The probability that it would, and whether that is enough. */
export type Verdict = { easy: number; suffices: boolean }

export type Named = { id: string; name: string }

export type RequestFacts = {
  /** The model or alias that is asked for. */
  model: string
  kind: 'chat' | 'completion' | 'embedding' | 'image' | 'audio' | 'moderation'
  wire: 'openai' | 'anthropic'
  stream: boolean
  /** Left out where the request does not say. */
  maxTokens?: number
  temperature?: number
  /** Names of the tools that it may call. */
  tools: readonly string[]
  images: boolean
  audio: boolean
  files: boolean
  /** Whether the answer has to fit a schema. */
  structured: boolean
}

/** The share that is used (1 is all of it) and what is left, in the money of the tenant; `Infinity` without a budget. */
export type Budget = { used: number; remaining: number }

/** The tightest of all budgets that count for the request, and the tightest of each kind. */
export type BudgetFacts = Budget & Record<'tenant' | 'team' | 'user' | 'key' | 'model' | 'tag', Budget>

export type Turn = { by: 'user' | 'assistant' | 'tool'; text: string }
/** `tokens` where they were counted by who answered; they are estimated otherwise. */
export type Conversation = { system: string; turns: readonly Turn[]; tokens?: number }
