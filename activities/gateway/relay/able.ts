import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import type { Decision } from '#schemas/steering/decision.ts'
import { contextOf } from './listed.ts'

type Required = Decision['require']

/** Whether rules require anything of a model. */
export const needs = ({ capabilities, context, regions }: Required): boolean =>
  capabilities.length > 0 || context > 0 || regions !== null

/**
 * Whether a target has what is required, as its route says it: what that leaves open it can do. The room that it has is
 * looked up in the book of prices where the route does not say; where it computes has to be said.
 */
export const able = (
  target: Target,
  kind: KindName | undefined,
  { capabilities, context, regions }: Required,
): boolean =>
  capabilities.every((one) => target.capabilities?.includes(one) ?? true) &&
  (context === 0 || (target.context ?? bookedContext(kind, target.model)) >= context) &&
  (regions === null || (target.region !== undefined && regions.includes(target.region)))

const bookedContext = (kind: KindName | undefined, model: string): number =>
  (kind === undefined ? null : contextOf(kind, model)) ?? Infinity
