import { Failure } from '../failure.ts'
import { main, out, type Kind } from '../kind.ts'
import type { JsonObject } from '../json.ts'

/** How many runs may stand one in another; one deeper is refused with `subflow_too_deep`. */
export const deepest = 20

export const subflow: Kind = {
  kind: 'subflow',
  title: 'Subflow',
  icon: 'workflow',
  group: 'flow',
  purpose: 'Runs another automation and takes what it gives, or starts it and goes on.',
  also: ['call', 'workflow', 'child', 'reuse', 'execute'],
  form: {
    type: 'object',
    properties: {
      automation: { type: 'string', title: 'Automation', 'x-show': 'automation', 'x-plain': true },
      version: {
        type: 'string',
        title: 'Version',
        description: 'The published one of that moment, unless one is pinned.',
        'x-show': 'version',
        'x-plain': true,
      },
      input: { type: 'object', title: 'Input', 'x-show': 'automation-input', additionalProperties: true },
      wait: { type: 'boolean', title: 'Wait for its end', default: true, 'x-plain': true },
    },
    required: ['automation'],
    additionalProperties: false,
  },
  example: {
    title: 'Check the customer',
    with: { automation: 'customer-check', input: { email: 'dana@example.com' } },
  },
  ports: () => main,
  fails: true,
  can: { retry: true },
  triesAgain: 'When its run has failed another is begun, three in all unless told otherwise.',
  pure: false,
  long: true,
  output: (node) =>
    node.with?.['wait'] === false
      ? { type: 'object', properties: { run: { type: 'string' } }, required: ['run'] }
      : {
          type: 'object',
          properties: { run: { type: 'string' }, outcome: { type: ['string', 'null'] }, output: {} },
          required: ['run', 'outcome', 'output'],
        },
  run: async (it) => {
    const { automation, version, wait } = it.node.with ?? {}
    const asked = {
      automation: typeof automation === 'string' ? automation : '',
      version: typeof version === 'string' && version !== '' ? version : null,
      input: (it.field('input') ?? {}) as JsonObject,
      wait: wait !== false,
    }
    for (;;) {
      const failed = Number(it.kept['failed'] ?? 0)
      if (failed > 0) await it.wait(Number(it.kept['next']), undefined, 'Before the next try')
      try {
        return out(await it.child(failed === 0 ? asked : { ...asked, attempt: failed + 1 }))
      } catch (error) {
        const pause = error instanceof Failure ? it.again(error, failed + 1) : null
        if (pause === null) throw error
        it.kept['failed'] = failed + 1
        it.kept['next'] = it.now() + pause
      }
    }
  },
}
