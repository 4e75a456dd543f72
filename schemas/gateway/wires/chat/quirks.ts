import type { IdRule } from '../tool-id.ts'

/** In what a provider that speaks `chat` differs from OpenAI. */
export type ChatQuirks = {
  maxTokens: 'max_completion_tokens' | 'max_tokens'
  seed: 'seed' | 'random_seed'
  /** What it calls a tool choice by which some tool has to be used. */
  required: 'required' | 'any'
  /** Whether it knows the role `developer`; else that is `system`. */
  developer: boolean
  /** Whether a stream is asked for its usage; those that are not tell it anyway. */
  streamOptions: boolean
  topK: boolean
  /** Where it takes the thoughts of earlier turns, if anywhere. */
  thoughts: 'reasoning_content' | 'reasoning' | null
  /** Whether it takes marks for the prompt cache. */
  cacheMarks: boolean
  toolIds: IdRule
  /** Members that it refuses or does not know. */
  refuses: readonly string[]
}

const openai: ChatQuirks = {
  maxTokens: 'max_completion_tokens',
  seed: 'seed',
  required: 'required',
  developer: true,
  streamOptions: true,
  topK: false,
  thoughts: null,
  cacheMarks: true,
  toolIds: { longest: 40, letters: /^/ },
  refuses: [],
}

const likeOpenAi: ChatQuirks = {
  ...openai,
  maxTokens: 'max_tokens',
  developer: false,
  topK: true,
  thoughts: 'reasoning_content',
  cacheMarks: false,
  toolIds: { longest: 256, letters: /^/ },
  refuses: ['metadata', 'service_tier', 'prompt_cache_key', 'verbosity', 'store'],
}

export const chatQuirks = {
  openai,
  azure: { ...openai, cacheMarks: false, refuses: ['service_tier'] },
  mistral: {
    ...likeOpenAi,
    seed: 'random_seed',
    required: 'any',
    streamOptions: false,
    topK: false,
    thoughts: null,
    toolIds: { shortest: 9, longest: 9, letters: /^[a-zA-Z0-9]+$/ },
    refuses: [...likeOpenAi.refuses, 'user', 'logprobs', 'top_logprobs', 'reasoning_effort'],
  },
  vllm: likeOpenAi,
  ollama: {
    ...likeOpenAi,
    topK: false,
    thoughts: 'reasoning',
    refuses: [...likeOpenAi.refuses, 'n', 'user', 'logprobs', 'top_logprobs', 'tool_choice', 'parallel_tool_calls'],
  },
  lmstudio: { ...likeOpenAi, thoughts: null, refuses: [...likeOpenAi.refuses, 'n', 'user', 'parallel_tool_calls'] },
} as const satisfies Record<string, ChatQuirks>
