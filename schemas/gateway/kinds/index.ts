import { z } from 'zod'
import { anthropic } from './anthropic.ts'
import { azure } from './azure.ts'
import { bedrock } from './bedrock.ts'
import { compatible } from './compatible.ts'
import { gemini } from './gemini.ts'
import type { ProviderKind } from './kind.ts'
import { lmstudio } from './lmstudio.ts'
import { mistral } from './mistral.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import { vllm } from './vllm.ts'

/** In the order in which forms show them. */
export const kinds = {
  openai,
  anthropic,
  gemini,
  mistral,
  azure,
  bedrock,
  vllm,
  ollama,
  lmstudio,
  compatible,
} as const satisfies Record<string, ProviderKind>
export type KindName = keyof typeof kinds
const names = Object.keys(kinds) as [KindName, ...KindName[]]
export const providerKind = z.enum(names)
