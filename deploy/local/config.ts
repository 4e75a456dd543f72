import { isAbsolute, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { Problem } from './problem.ts'

const portIs = 'has to be a port: a whole number from 1 to 65535'
const told = (error: string) => ({ error })
const port = z.coerce.number(told(portIs)).int(portIs).min(1, portIs).max(65_535, portIs)
const switchedOn = z.enum(['0', '1'], told('has to be 0 or 1')).transform((value) => value === '1')
const key = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'has to be 32 bytes in base64, as of `openssl rand -base64 32`')
const database = z.url({ protocol: /^postgres(ql)?$/, ...told('has to be like postgres://user:password@host/name') })
const address = z.string().regex(/^(\[[\da-fA-F:]+\]|[^:\s/]+):\d{1,5}$/, 'has to be host:port, like localhost:7233')
const web = z.url({ protocol: /^https?$/, ...told('has to be an address like https://auterity.example.com') })

/** One variable of each system of one's own; that its others are there too is for the worker to see to. */
const systems = {
  AUTERITY_CRM_TOKEN: z.string().optional(),
  AUTERITY_DMS_CLIENT_ID: z.string().optional(),
  AUTERITY_MAIL_KEY: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  ANTHROPIC_API_KEY: z.string().optional(),
}

const Environment = z.object({
  AUTERITY_PORT: port.optional(),
  AUTERITY_HOME: z.string().min(1).default('.auterity'),
  AUTERITY_DEMO: switchedOn.default(true),
  AUTERITY_KEY: key.optional(),
  AUTERITY_URL: web.optional(),
  DATABASE_URL: database.optional(),
  TEMPORAL_ADDRESS: address.optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_API_KEY: z.string().optional(),
  ...systems,
})

/** What `npm start` was asked for; `port` is undefined where nobody chose one. */
export type StartConfig = {
  port: number | undefined
  home: string
  demo: boolean
  /** Whether the sandbox runs: in the demo, and wherever a system or the model is not one's own. */
  sandbox: boolean
  key: string | undefined
  /** Address that people reach it by, where it is not localhost. */
  url: string | undefined
  databaseUrl: string | undefined
  temporal: { address: string; namespace: string; apiKey: string | undefined } | undefined
}

const usage = 'Options come after two dashes: npm start -- [--port N] [--home FOLDER] [--no-demo].'

const flags = { port: { type: 'string' }, home: { type: 'string' }, demo: { type: 'boolean' } } as const

/** npm takes options for itself that come without the two dashes: "--no-demo" would be lost without a word. */
const refuseKept = (env: NodeJS.ProcessEnv): void => {
  const kept = Object.keys(flags).filter((name) => env[`npm_config_${name}`] !== undefined)
  if (kept.length > 0) throw new Problem(`npm kept the option ${kept.join(', ')} for itself.`, usage)
}

/**
 * Reads flags (`--port`, `--home`, `--no-demo`), then the environment, where an empty value is an absent one; paths
 * are taken from `root`.
 */
export function startConfig(args: string[], env: NodeJS.ProcessEnv, root: string): StartConfig {
  refuseKept(env)
  let values: { port?: string; home?: string; demo?: boolean }
  try {
    values = parseArgs({ args, options: flags, allowNegative: true }).values
  } catch (error) {
    throw new Problem(`${(error as Error).message}.`, usage, error)
  }
  const parsed = Environment.safeParse({
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
    ...(values.port !== undefined && { AUTERITY_PORT: values.port }),
    ...(values.home !== undefined && { AUTERITY_HOME: values.home }),
    ...(values.demo !== undefined && { AUTERITY_DEMO: values.demo ? '1' : '0' }),
  })
  if (!parsed.success) {
    const said = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`)
    throw new Problem(said.join('\n'), 'Correct it and start again (`.env.example` says what each is for).')
  }
  const given = parsed.data
  const ownModel = given.OPENAI_API_KEY ?? given.ANTHROPIC_API_KEY
  const own = [given.AUTERITY_CRM_TOKEN, given.AUTERITY_DMS_CLIENT_ID, given.AUTERITY_MAIL_KEY, ownModel]
  return {
    port: given.AUTERITY_PORT,
    home: isAbsolute(given.AUTERITY_HOME) ? given.AUTERITY_HOME : resolve(root, given.AUTERITY_HOME),
    demo: given.AUTERITY_DEMO,
    sandbox: given.AUTERITY_DEMO || own.includes(undefined),
    key: given.AUTERITY_KEY,
    url: given.AUTERITY_URL?.replace(/\/+$/, ''),
    databaseUrl: given.DATABASE_URL,
    temporal:
      given.TEMPORAL_ADDRESS === undefined
        ? undefined
        : {
            address: given.TEMPORAL_ADDRESS,
            namespace: given.TEMPORAL_NAMESPACE,
            apiKey: given.TEMPORAL_API_KEY,
          },
  }
}
