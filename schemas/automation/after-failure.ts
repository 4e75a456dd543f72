import type { JsonObject } from './json.ts'

/** What an automation is given that is started because a run failed. */
export const afterFailure = (
  run: { id: string; automation: string; title: string; receipt: string | null },
  failure: { code: string; message: string },
  input: JsonObject,
): JsonObject => ({ run, failure, input })
