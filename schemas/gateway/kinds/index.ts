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
import { sandbox } from './sandbox.ts'
import { vllm } from './vllm.ts'

/** In the order in which forms show them. */
const added = {
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
/** The platform's alone: nobody adds one. */
const own = { sandbox } as const satisfies Record<string, ProviderKind>

export const kinds = { ...added, ...own }
export type KindName = keyof typeof kinds
const namesOf = <T extends object>(some: T) => Object.keys(some) as [keyof T & string, ...(keyof T & string)[]]
export const providerKind = z.enum(namesOf(kinds))
/** Those that somebody may add. */
export const addedKind = z.enum(namesOf(added))
