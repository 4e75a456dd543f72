import type { ColumnType, Generated } from 'kysely'
import type { Operation } from '../gateway/kinds/kind.ts'
import type { Arm, BelowAction, SampleState } from '../gateway/quality/index.ts'
import type { Verdict } from '../gateway/quality/judging.ts'

export type GatewayQualityTable = {
  tenant_id: string
  is_on: boolean
  share: number
  judge: string | null
  bound: number
  below: BelowAction
  /** What it may spend in a day, in billionths of a US dollar. */
  daily_nano: ColumnType<string, number, number>
  changed_at: Generated<Date>
}

export type GatewayQualityRuleTable = {
  tenant_id: string
  policy_id: string
  rule: string
  /** Verdicts of requests since then count. */
  counts_from: Generated<Date>
  fell_at: Date | null
  withdrawn_at: Date | null
}

export type GatewayQualitySampleTable = {
  /** Of the request. */
  id: string
  tenant_id: string
  at: Date
  arm: Arm
  policy_id: string
  rule: string
  /** The name that was asked for. */
  asked: string
  /** The two that are compared, as provider/model. */
  strong: string
  cheap: string
  /** The name by which the one is asked that was not used. */
  other: string
  operation: Operation
  /** Whether its tenant records the bodies of this request: only then what was said outlives the verdict. */
  recorded: boolean
  state: Generated<SampleState>
  why: string | null
  verdict: Verdict | null
  flipped: Generated<boolean>
  /** The request to the one that was not used. */
  shadow_id: string | null
  /** What was asked and answered, what the other one answered, and what the judge said: packed, then sealed. */
  sealed: Buffer | null
  shadow_sealed: Buffer | null
  judged_sealed: Buffer | null
  /** When what was said goes at the latest. */
  expires_at: Date
  closed_at: Date | null
}

export type GatewayQualityRunTable = {
  id: string
  tenant_id: string
  started_at: Date | null
  next_at: Generated<Date>
  created_at: Generated<Date>
  closed_at: Date | null
}

export type GatewayQualityTables = {
  gateway_quality: GatewayQualityTable
  gateway_quality_rule: GatewayQualityRuleTable
  gateway_quality_sample: GatewayQualitySampleTable
  gateway_quality_run: GatewayQualityRunTable
}
