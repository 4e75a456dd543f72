import type { Migration } from 'kysely/migration'
import * as auditLog from './0001_audit_log.ts'
import * as tenancyPeople from './0002_tenancy_people.ts'
import * as ingressReceipts from './0003_ingress_receipts.ts'
import * as runsSteps from './0004_runs_steps.ts'
import * as approvalsTable from './0005_approvals_table.ts'
import * as systemProcesses from './0006_system_processes.ts'
import * as runsSetAside from './0007_runs_set_aside.ts'
import * as identityForgotten from './0008_identity_forgotten.ts'
import * as accessAnnounced from './0009_access_announced.ts'
import * as automationDefinitions from './0010_automation_definitions.ts'
import * as automationEvents from './0011_automation_events.ts'
import * as runsAutomations from './0012_runs_automations.ts'
import * as automationPresence from './0013_automation_presence.ts'
import * as credentialsVault from './0014_credentials_vault.ts'
import * as runsPolicies from './0015_runs_policies.ts'
import * as runsBatches from './0016_runs_batches.ts'
import * as runsBatchesLive from './0017_runs_batches_live.ts'
import * as gatewayRelay from './0018_gateway_relay.ts'
import * as runsPaused from './0019_runs_paused.ts'
import * as gatewayEstimates from './0020_gateway_estimates.ts'
import * as gatewayAnswers from './0021_gateway_answers.ts'
import * as runsLegible from './0022_runs_legible.ts'
import * as gatewayRouting from './0023_gateway_routing.ts'
import * as gatewayBudgets from './0024_gateway_budgets.ts'
import * as steeringPolicies from './0025_steering_policies.ts'
import * as gatewayCache from './0026_gateway_cache.ts'
import * as gatewayCosts from './0027_gateway_costs.ts'
import * as gatewayGuardrails from './0028_gateway_guardrails.ts'
import * as gatewayBatches from './0029_gateway_batches.ts'
import * as gatewayLevers from './0030_gateway_levers.ts'
import * as gatewayTrimming from './0031_gateway_trimming.ts'
import * as runsSearch from './0032_runs_search.ts'
import * as approvalsLetters from './0033_approvals_letters.ts'
import * as runsForgotten from './0034_runs_forgotten.ts'
import * as gatewayClassifiers from './0035_gateway_classifiers.ts'
import * as gatewayBodies from './0036_gateway_bodies.ts'
import * as gatewaySteps from './0037_gateway_steps.ts'
import * as gatewayPlayground from './0038_gateway_playground.ts'
import * as gatewayQuality from './0039_gateway_quality.ts'
import * as gatewayVerdicts from './0040_gateway_verdicts.ts'

/** The one ordered line of migrations. A migration that has landed is never edited. */
export const migrations: Record<string, Migration> = {
  '0001_audit_log': auditLog,
  '0002_tenancy_people': tenancyPeople,
  '0003_ingress_receipts': ingressReceipts,
  '0004_runs_steps': runsSteps,
  '0005_approvals_table': approvalsTable,
  '0006_system_processes': systemProcesses,
  '0007_runs_set_aside': runsSetAside,
  '0008_identity_forgotten': identityForgotten,
  '0009_access_announced': accessAnnounced,
  '0010_automation_definitions': automationDefinitions,
  '0011_automation_events': automationEvents,
  '0012_runs_automations': runsAutomations,
  '0013_automation_presence': automationPresence,
  '0014_credentials_vault': credentialsVault,
  '0015_runs_policies': runsPolicies,
  '0016_runs_batches': runsBatches,
  '0017_runs_batches_live': runsBatchesLive,
  '0018_gateway_relay': gatewayRelay,
  '0019_runs_paused': runsPaused,
  '0020_gateway_estimates': gatewayEstimates,
  '0021_gateway_answers': gatewayAnswers,
  '0022_runs_legible': runsLegible,
  '0023_gateway_routing': gatewayRouting,
  '0024_gateway_budgets': gatewayBudgets,
  '0025_steering_policies': steeringPolicies,
  '0026_gateway_cache': gatewayCache,
  '0027_gateway_costs': gatewayCosts,
  '0028_gateway_guardrails': gatewayGuardrails,
  '0029_gateway_batches': gatewayBatches,
  '0030_gateway_levers': gatewayLevers,
  '0031_gateway_trimming': gatewayTrimming,
  '0032_runs_search': runsSearch,
  '0033_approvals_letters': approvalsLetters,
  '0034_runs_forgotten': runsForgotten,
  '0035_gateway_classifiers': gatewayClassifiers,
  '0036_gateway_bodies': gatewayBodies,
  '0037_gateway_steps': gatewaySteps,
  '0038_gateway_playground': gatewayPlayground,
  '0039_gateway_quality': gatewayQuality,
  '0040_gateway_verdicts': gatewayVerdicts,
}
