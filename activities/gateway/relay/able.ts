import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import type { Decision } from '#schemas/steering/decision.ts'
import { contextOf } from './price.ts'

type Required = Decision['require']

/** Whether rules require anything of a model. */
export const needs = ({ capabilities, context, regions }: Required): boolean =>
  capabilities.length > 0 || context > 0 || regions !== null

/**
 * Whether a target is known to have what is required: by what its route says of it, and for the room that it has, else by the
 * book of prices. What nobody has said is not taken for granted.
 */
export const able = (
  target: Target,
  kind: KindName | undefined,
  { capabilities, context, regions }: Required,
): boolean =>
  capabilities.every((one) => target.capabilities?.includes(one) === true) &&
  (context === 0 || (target.context ?? (kind === undefined ? null : contextOf(kind, target.model)) ?? 0) >= context) &&
  (regions === null || (target.region !== undefined && regions.includes(target.region)))
