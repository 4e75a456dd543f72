import { z } from 'zod'
import { anthropic } from './anthropic.ts'
import { compatible } from './compatible.ts'
import type { ProviderKind } from './kind.ts'
import { openai } from './openai.ts'

export const kinds = { openai, anthropic, compatible } as const satisfies Record<string, ProviderKind>
export type KindName = keyof typeof kinds
const names = Object.keys(kinds) as [KindName, ...KindName[]]
export const providerKind = z.enum(names)
