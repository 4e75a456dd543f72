import type { Actor } from '../audit.ts'
import type { ColumnType, Generated } from 'kysely'
import type { ClassifierChoice, ClassifierFound, ClassifierState } from '../gateway/classifiers.ts'
import type { Scored } from '../gateway/classifier/found.ts'
import type { Model } from '../gateway/classifier/model.ts'

type Json<T> = ColumnType<T | null, string | null, string | null>

export type GatewayClassifierTable = {
  id: string
  tenant_id: string
  number: number
  state: Generated<ClassifierState>
  notes: string
  rows: number
  /** What it is trained with, sealed; null once that is over. */
  outcomes: Buffer | null
  model: Json<Model>
  scored: Json<Scored[]>
  found: Json<ClassifierFound>
  failure: string | null
  /** What is asked of it while it is in force, and from which probability on that is kept. */
  chosen: Json<ClassifierChoice>
  in_force_since: Date | null
  asked_by: string
  asked_by_kind: Actor['kind']
  asked_by_name: string | null
  /** When Temporal was told of it, and until then when it is told again. */
  started_at: Date | null
  next_at: Generated<Date>
  created_at: Generated<Date>
  closed_at: Date | null
}

export type GatewayClassifierTables = { gateway_classifier: GatewayClassifierTable }
