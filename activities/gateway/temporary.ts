import { Context as ActivityContext } from '@temporalio/activity'
import { z } from 'zod'
import { storable } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import { asText } from '#schemas/automation/value.ts'

export const temporaryAi = ({ gateway }: Pick<Deps, 'gateway'>) => ({
  'ai.answer': async (call: { system: never; prompt: never; shape: never; name: string }) => {
    const { value, repaired } = await gateway.complete(
      z.fromJSONSchema(call.shape),
      call.name,
      [
        { role: 'system', content: asText(call.system) },
        { role: 'user', content: asText(call.prompt) },
      ],
      ActivityContext.current().cancellationSignal,
    )
    const { model, sandbox } = gateway.config
    return { answer: storable(value), author: { by: 'model', name: model, sandbox, repaired } }
  },
})
