import type { Definition } from './definition.ts'

/**
 * What is wrong with a definition. `error` keeps it from being published, `warning` does not. `path` is a JSON pointer
 * into the node (or the document where there is no node). `fix` mends it in one click.
 */
export type Problem = {
  code: ProblemCode
  level: 'error' | 'warning'
  node?: string
  path?: string
  /** Where in the expression at `path`, in characters. */
  range?: { start: number; end: number }
  message: string
  fix?: Fix
}

export type Fix = { title: string; apply: Change[] }

/**
 * A change of a definition: what the builder's undo log, fixes and merges are made of. `at` is the place in the list, its
 * end unless given. `set` without a value takes away; `-` at the end of its path adds to a list; `node: null` means the
 * document.
 */
export type Change =
  | { do: 'remove_node'; node: string }
  | { do: 'remove_edge'; edge: string }
  | { do: 'add_node'; node: Definition['nodes'][number]; at?: number }
  | { do: 'add_edge'; edge: Definition['edges'][number]; at?: number }
  | { do: 'set'; node: string | null; path: string; value?: unknown }

export const problemCodes = [
  'malformed',
  'duplicate_id',
  'bad_id',
  'unknown_kind',
  'no_start',
  'several_starts',
  'no_end',
  'unreachable',
  'cycle',
  'edge_to_nowhere',
  'edge_across',
  'unknown_port',
  'branches_meet',
  'field_missing',
  'field_invalid',
  'expression_malformed',
  'unknown_name',
  'unknown_step',
  'step_not_before',
  'type_error',
  'unknown_variable',
  'unknown_operation',
  'unknown_automation',
  'credential_missing',
  'credential_refused',
  'unknown_person',
  'unbounded_loop',
  'empty_body',
  'approval_unhandled',
  'way_unhandled',
  'policy_unheeded',
  'not_available',
  'too_large',
  'variable_race',
  'variable_unset',
] as const
export type ProblemCode = (typeof problemCodes)[number]
