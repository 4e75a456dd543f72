import type { ApprovalTables } from './approvals.ts'
import type { AuditTables } from './audit.ts'
import type { AutomationTables } from './automation.ts'
import type { CredentialTables } from './credentials.ts'
import type { GatewayBatchTables } from './gateway-batches.ts'
import type { GatewayBudgetTables } from './gateway-budgets.ts'
import type { GatewayCacheTables } from './gateway-cache.ts'
import type { GatewayClassifierTables } from './gateway-classifiers.ts'
import type { GatewayGuardrailTables } from './gateway-guardrails.ts'
import type { GatewayLeverTables } from './gateway-levers.ts'
import type { GatewayPlaygroundTables } from './gateway-playground.ts'
import type { GatewayQualityTables } from './gateway-quality.ts'
import type { GatewayRecordingTables } from './gateway-recording.ts'
import type { GatewayTables } from './gateway.ts'
import type { IngressTables } from './ingress.ts'
import type { RunTables } from './runs.ts'
import type { SteeringTables } from './steering.ts'
import type { SystemTables } from './system.ts'
import type { TenancyTables } from './tenancy.ts'

/** Every table of the database; a test compares it with `information_schema`. */
export type Database = AuditTables &
  TenancyTables &
  IngressTables &
  AutomationTables &
  CredentialTables &
  GatewayTables &
  GatewayBudgetTables &
  GatewayBatchTables &
  GatewayCacheTables &
  GatewayClassifierTables &
  GatewayGuardrailTables &
  GatewayLeverTables &
  GatewayPlaygroundTables &
  GatewayQualityTables &
  GatewayRecordingTables &
  RunTables &
  ApprovalTables &
  SteeringTables &
  SystemTables
