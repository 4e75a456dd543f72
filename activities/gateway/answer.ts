import { asyncLocalStorage as activity } from '@temporalio/activity'
import { operationActivities } from '#activities/connectors/operations.ts'
import { storable } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { Call } from '#schemas/automation/call.ts'
import type { Json, JsonSchema } from '#schemas/automation/json.ts'
import { asText } from '#schemas/automation/value.ts'
import { operations, type OperationId } from '#schemas/connectors/operations.ts'
import { Fault } from '#schemas/errors.ts'
import { platformAlias } from '#schemas/gateway/platform-model.ts'
import type { Tool, Turn } from './ask.ts'

export type AiCall = Call<{
  system: Json
  prompt: Json
  shape: JsonSchema | null
  name: string
  tools: string[]
  rounds: number
  /** The alias that is asked; absent in runs that began before it could be chosen. */
  model?: string
}>

export const gatewayActivities = (deps: Pick<Deps, 'db' | 'connectors' | 'gateway'>) => {
  const perform = operationActivities(deps)

  /** An operation as a model may use it: only what changes nothing. */
  const toolOf = (id: string, scope: AiCall, asks: (title: string) => void): Tool => {
    const operation = operations[id]
    if (operation === undefined) throw new Fault('invalid', `There is no operation “${id}”.`)
    if (operation.reads !== true)
      throw new Fault('invalid', `“${operation.title}” changes something, so a model may not call it.`)
    const { tenant, run, origin, step, test } = scope
    return {
      name: id,
      about: operation.about,
      input: operation.input,
      use: (input) => {
        asks(operation.title)
        return perform[id as OperationId]({ tenant, run, origin, step, test, input })
      },
    }
  }

  return {
    /** Asks the model; what it answers and who it was. Tools it asks for are operations, done right here. */
    async 'ai.answer'(call: AiCall): Promise<Json> {
      const system: Turn[] = call.system === null ? [] : [{ role: 'system', content: asText(call.system) }]
      const { tenant, run, step } = call
      const at = activity.getStore()
      const asked: string[] = []
      // who watches the run sees what it looks up; what with is in the answer alone
      const asks = (title: string): void => {
        asked.push(title)
        at?.heartbeat({ asks: asked })
      }
      const { value, repaired, used, by } = await deps.gateway.complete({
        asker: { tenant, run, step: `${call.path ?? ''}${step}`, tags: {} },
        model: call.model ?? platformAlias,
        turns: [...system, { role: 'user', content: asText(call.prompt) }],
        schema: call.shape,
        name: call.name,
        tools: call.tools.map((id) => toolOf(id, call, asks)),
        rounds: call.rounds,
        signal: at?.cancellationSignal,
      })
      const author = { by: 'model', name: by.model, sandbox: by.kind === 'sandbox', repaired }
      return { answer: storable(value), author, tools: storable(used) }
    },
  }
}
