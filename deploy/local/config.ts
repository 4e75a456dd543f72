import { isAbsolute, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { Problem } from './problem.ts'

const port = z.coerce.number().int().min(1).max(65_535)
const switchedOn = z.enum(['0', '1']).transform((value) => value === '1')

const Environment = z.object({
  AUTERITY_PORT: port.optional(),
  AUTERITY_HOME: z.string().min(1).default('.auterity'),
  AUTERITY_DEMO: switchedOn.default(true),
  AUTERITY_KEY: z.base64().optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
})

/** What `npm start` was asked for; `port` is undefined where nobody chose one. */
export type StartConfig = {
  port: number | undefined
  home: string
  demo: boolean
  key: string | undefined
  databaseUrl: string | undefined
  temporalAddress: string | undefined
}

const flags = { port: { type: 'string' }, home: { type: 'string' }, demo: { type: 'boolean' } } as const

/** Reads flags (`--port`, `--home`, `--no-demo`), then the environment; paths are taken from `root`. */
export function startConfig(args: string[], env: NodeJS.ProcessEnv, root: string): StartConfig {
  const usage = 'Options: --port N, --home FOLDER, --no-demo.'
  let values: { port?: string; home?: string; demo?: boolean }
  try {
    values = parseArgs({ args, options: flags, allowNegative: true }).values
  } catch (error) {
    throw new Problem(`${(error as Error).message}.`, usage, error)
  }
  const parsed = Environment.safeParse({
    ...env,
    ...(values.port !== undefined && { AUTERITY_PORT: values.port }),
    ...(values.home !== undefined && { AUTERITY_HOME: values.home }),
    ...(values.demo !== undefined && { AUTERITY_DEMO: values.demo ? '1' : '0' }),
  })
  if (!parsed.success) throw new Problem(`Some options are not acceptable.\n${z.prettifyError(parsed.error)}\n`, usage)
  const given = parsed.data
  return {
    port: given.AUTERITY_PORT,
    home: isAbsolute(given.AUTERITY_HOME) ? given.AUTERITY_HOME : resolve(root, given.AUTERITY_HOME),
    demo: given.AUTERITY_DEMO,
    key: given.AUTERITY_KEY,
    databaseUrl: given.DATABASE_URL,
    temporalAddress: given.TEMPORAL_ADDRESS,
  }
}
