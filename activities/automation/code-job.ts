/** One piece of code to run, as it travels into its thread. */
export type CodeJob = { source: string; input: string; memoryMb: number; timeMs: number }

/** What came of it: `output` is JSON. `lines` are the last that the code wrote to its console. */
export type CodeResult =
  | { ok: true; output: string; lines: string[] }
  | { ok: false; why: 'failed' | 'time' | 'memory'; message: string; line: number | null; lines: string[] }

/** The most characters an output may have as JSON. */
export const mostOutput = 256 * 1024
export const mostLines = 100
