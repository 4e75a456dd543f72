import type { Dialogue, Written } from '../wires/dialogue.ts'
import type { Address, WireOut } from '../wires/index.ts'

/** What can be asked of a model; each has a wire of its own, which its callers speak. */
export type Operation =
  | 'chat'
  | 'responses'
  | 'messages'
  | 'count_tokens'
  | 'completions'
  | 'embeddings'
  | 'moderations'
  | 'images'
  | 'image_edits'
  | 'image_variations'
  | 'speech'
  | 'transcriptions'
  | 'translations'

/** A key of AWS, and for which service it signs. */
export type AwsKey = { service: string; accessKeyId: string; secretAccessKey: string; sessionToken?: string }

/**
 * A kind of model provider: all that sets it apart is in its file, and the provider book, the form and the relay are
 * made from it.
 */
export type ProviderKind = {
  title: string
  about: string
  /** Where it is reached unless a provider says otherwise; null where each has to. */
  baseUrl: string | null
  /** How an address of it looks, where each has one of its own: with `{names}` for what is to be filled in, if that is all. */
  address: string | null
  key: 'needed' | 'optional' | 'none'
  /** What a key of it is, where that is not plain. */
  aboutKey: string | null
  /** The headers that name who asks. */
  headers(key: string | null): Record<string, string>
  /** What its requests are signed with, where they are. */
  signature?: (key: string | null) => AwsKey | null
  /** What it takes as it comes, and where below its address. */
  paths: Partial<Record<Operation, string>>
  /** What of that it streams in another way than who asks would understand, so that it is asked for it as a whole alone. */
  wholeOnly?: readonly Operation[]
  /** Its tier for what may wait: what share of the usual price it costs, and which models have it. Null where there is none. */
  flex: { share: number; fits(model: string): boolean } | null
  /** Whether it keeps a prompt of this model only where that is marked; absent where it keeps them by itself, or not at all. */
  keepsMarked?(model: string): boolean
  /** How it is asked what it does not take as it comes: on which wire, where, and in which body. */
  wire: WireOut
  path(address: Address): string
  write(dialogue: Dialogue): Written
  /** What is asked of it, below its address, to see whether it is there: it costs nothing. Null where there is no such thing. */
  probe: string | null
  /** The name that the price book has for it; null where a model's own name decides. */
  prices: string | null
}
