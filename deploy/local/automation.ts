import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { codePool } from '#activities/automation/code-pool.ts'
import { createOutgoing } from '#activities/outgoing.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import type { Json, JsonObject } from '#schemas/automation/definition.ts'
import type { NodeChange } from '#schemas/automation/engine/host.ts'
import { isObject } from '#schemas/automation/json.ts'
import { validate } from '#schemas/automation/validate.ts'
import { readFile, runLocally } from './automation-run.ts'
import { Problem, sentenceOf } from './problem.ts'

const usage = `Usage:
  npm run automation -- check FILE
      tells what is wrong with a definition
  npm run automation -- run FILE [--input JSON] [--pins JSON] [--until NODE] [--only NODE]
        [--items JSON] [--allow HOST]… [--quiet]
      runs it here and prints what it came to, and with --until or --only what that step gave;
      JSON is a text or @FILE

Ends with 0 where it is well or completed, with 1 where something is wrong with it or it failed, and with 2 where it
could not be begun.`

const read = (name: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Problem(`--${name} names ${file}, which cannot be read:`, `${(error as Error).message}.`, error)
  }
}

/** JSON of the command line: itself, or @ and a file. */
const objectOf = (name: string, text: string | undefined): JsonObject => {
  if (text === undefined) return {}
  if (!text.startsWith('@') && existsSync(text))
    throw new Problem(`--${name} is the name of a file:`, `put an @ before it to read it, --${name} @${text}.`)
  const written = text.startsWith('@') ? read(name, text.slice(1)) : text
  try {
    const value = JSON.parse(written) as Json
    if (isObject(value)) return value
  } catch (error) {
    throw new Problem(`--${name} is not JSON:`, `${(error as Error).message}.`, error)
  }
  throw new Problem(`--${name} is no JSON object.`, `For example: --${name} '{"vin": "1FT"}'`)
}

const tell = ({ node, iteration, state, failing }: NodeChange): void => {
  if (state === 'running' || state === 'waiting') return
  const turn = iteration === '0' ? '' : ` (turn ${iteration})`
  process.stderr.write(`${state.padEnd(10)} ${node}${turn}${failing === undefined ? '' : `: ${failing.message}`}\n`)
}

const check = (file: string): number => {
  const problems = validate(readFile(file))
  for (const { level, code, node, message } of problems)
    process.stdout.write(`${level} ${code}${node === undefined ? '' : ` ${node}`}: ${message}\n`)
  if (problems.length === 0) process.stdout.write('Nothing is wrong with it.\n')
  return problems.some(({ level }) => level === 'error') ? 1 : 0
}

/** What a platform would refuse is not run here either. */
const refuseInvalid = (file: string): void => {
  const errors = validate(readFile(file)).filter(({ level }) => level === 'error')
  if (errors.length === 0) return
  const lines = errors.map(({ node, message }) => `  ${node === undefined ? '' : `${node}: `}${message}`)
  throw new Problem(`${file} cannot run as it is drawn:`, `\n${lines.join('\n')}`)
}

const run = async (file: string, values: Values): Promise<number> => {
  refuseInvalid(file)
  const at = values.only ?? values.until
  let gave: Json = null
  const changed = (change: NodeChange) => {
    if (change.node === at && change.output !== undefined) gave = change.output
    if (values.quiet !== true) tell(change)
  }
  const end = await runLocally(
    { runCode: codePool(1).run, outgoing: createOutgoing({ allow: readAllowed(values.allow?.join(',')) }) },
    {
      file,
      input: objectOf('input', values.input),
      pins: objectOf('pins', values.pins),
      until: values.until,
      only: values.only,
      items: objectOf('items', values.items),
      changed,
    },
  )
  const told =
    end.end === 'completed'
      ? {
          state: 'completed',
          outcome: end.outcome,
          output: end.output,
          ...(at === undefined ? {} : { steps: { [at]: gave } }),
        }
      : { state: end.end === 'failed' ? 'failed' : 'cancelled', failure: end.end === 'failed' ? end.failing : null }
  process.stdout.write(`${JSON.stringify(told, null, 2)}\n`)
  return end.end === 'completed' ? 0 : 1
}

const options = {
  input: { type: 'string' },
  pins: { type: 'string' },
  until: { type: 'string' },
  only: { type: 'string' },
  items: { type: 'string' },
  allow: { type: 'string', multiple: true },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const
type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [verb, file] = positionals
  if (values.help === true) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  if (file === undefined || (verb !== 'run' && verb !== 'check')) throw new Problem(usage, '')
  return verb === 'check' ? check(file) : run(file, values)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`)
  process.exitCode = 2
}
