import { toFile } from 'openai'
import { modelBatchActivities } from '#activities/gateway/batches.ts'
import { createSeal } from '#activities/seal.ts'
import { testKey } from './database.ts'
import { useBothWires, type Asker } from './gateway.ts'

type Answered = { status_code: number; request_id: string; body: { choices: { message: { content: string } }[] } }
type Told = { id: string; custom_id: string; response: Answered | null; error: { code: string } | null }

export const url = '/v1/chat/completions'
/** A line of a batch that asks about a lot. */
export const line = (id: number | string, body: object = {}): string =>
  JSON.stringify({
    custom_id: `line-${id}`,
    method: 'POST',
    url,
    body: { model: 'fast', messages: [{ role: 'user', content: `What is on lot ${id}?` }], ...body },
  })

type Client = Pick<Asker, 'openai'>
export const upload = async ({ openai }: Client, lines: readonly string[]) =>
  openai.files.create({ purpose: 'batch', file: await toFile(Buffer.from(lines.join('\n')), 'lots.jsonl') })
export const create = async (asker: Client, lines: readonly string[]) => {
  const { id } = await upload(asker, lines)
  const asked = { input_file_id: id, endpoint: url, completion_window: '24h', metadata: { for: 'lots' } } as const
  return asker.openai.batches.create(asked)
}
/** What stands in a file that a batch has come to. */
export const linesOf = async ({ openai }: Client, file: string | undefined): Promise<Told[]> =>
  (await (await openai.files.content(file ?? '')).text())
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Told)

/** A gateway with both wires, and what its worker would do. */
export async function useBatches() {
  const wires = await useBothWires()
  const { gateway } = wires
  const { db } = gateway.database
  const { workModelBatch } = modelBatchActivities({ db, seal: createSeal([testKey]), relay: gateway.relaying.relay })
  return {
    ...wires,
    /** Does what the workflow does, without its pauses. */
    work: async ({ ctx }: Pick<Asker, 'ctx'>, batch: string, turns = 20): Promise<void> => {
      for (let n = 0; n < turns; n++) if ((await workModelBatch({ batch, tenant: ctx.tenant })) === null) return
    },
  }
}
