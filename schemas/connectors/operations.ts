import type { JsonSchema } from '../automation/json.ts'

/** What a connected system can be asked to do: what an `action` node offers. Its id is also the activity's type. */
export type Operation = {
  title: string
  system: 'crm' | 'dms' | 'mail' | 'leads'
  about: string
  queue: 'main' | 'connectors'
  /** Changes nothing, so a model may call it on its own and a test may repeat it. */
  reads?: true
  input: JsonSchema
  output: JsonSchema
  /** The longest one try may take, in ms. */
  tryMs?: number
}

export const operations: Readonly<Record<string, Operation>> = {}
