import type { Edge } from './repository.ts'

type Rule = { sentence: string; may(edge: Edge): boolean }

const inRoom =
  (...rooms: string[]) =>
  (edge: Edge) =>
    edge.isPath && rooms.some((room) => edge.target.startsWith(`${room}/`))
const valueOf = (may: (edge: Edge) => boolean) => (edge: Edge) => !edge.typeOnly && may(edge)
const isPackage =
  (...names: (string | RegExp)[]) =>
  (edge: Edge) =>
    !edge.isPath && names.some((name) => (typeof name === 'string' ? name === edge.target : name.test(edge.target)))
const isFile =
  (...patterns: RegExp[]) =>
  (edge: Edge) =>
    edge.isPath && patterns.some((pattern) => pattern.test(edge.target))
const typeOf = (may: (edge: Edge) => boolean) => (edge: Edge) => edge.typeOnly && may(edge)
const any =
  (...rules: ((edge: Edge) => boolean)[]) =>
  (edge: Edge) =>
    rules.some((rule) => rule(edge))
const but =
  (...never: ((edge: Edge) => boolean)[]) =>
  (edge: Edge) =>
    !any(...never)(edge)

const server = isPackage('hono', /^@hono\//)
const screen = isPackage('svelte', 'bits-ui', /^@sveltejs\//, /^@lucide\//, /^\$/)
const kyselyAtRest = (edge: Edge) =>
  isPackage('kysely')(edge) &&
  (edge.from.startsWith('schemas/migrations/') || (edge.typeOnly && edge.from.startsWith('schemas/tables/')))

const yamlOfRules = (edge: Edge) => isPackage('yaml')(edge) && edge.from.startsWith('schemas/steering/')
const parserOfCode = (edge: Edge) =>
  isPackage('@lezer/javascript')(edge) && edge.from.startsWith('schemas/automation/validate/')

/** Who may import whom: the table of the design, room by room. Tests may import all. */
export const rooms: Record<string, Rule> = {
  schemas: {
    sentence:
      'schemas/ may import zod, typeid-js, the expression language, the schedules, the JSON Schema validator, YAML in steering/, the JavaScript parser in automation/validate/ and schemas/; kysely in migrations/, its types in tables/',
    may: any(
      inRoom('schemas'),
      isPackage('zod', 'typeid-js', '@marcbachmann/cel-js', 're2js', 'croner', '@cfworker/json-schema'),
      yamlOfRules,
      parserOfCode,
      kyselyAtRest,
    ),
  },
  workflows: {
    sentence:
      'workflows/ may import @temporalio/workflow, workflows/, schemas/, temporal/names.ts, and types of activities/',
    may: any(
      inRoom('workflows'),
      (edge) => inRoom('schemas')(edge) && but(inRoom('schemas/tables', 'schemas/migrations'))(edge),
      isPackage('@temporalio/workflow'),
      typeOf(isPackage('@temporalio/common')),
      isFile(/^temporal\/names\.ts$/),
      typeOf(inRoom('activities')),
    ),
  },
  activities: {
    sentence:
      'activities/ may import activities/, schemas/, temporal/, outside clients, and types of workflows/; no api, no screen',
    may: any(
      inRoom('activities', 'schemas', 'temporal'),
      typeOf(inRoom('workflows')),
      (edge) => !edge.isPath && but(server, screen, isPackage('@temporalio/worker', '@temporalio/workflow'))(edge),
    ),
  },
  api: {
    sentence:
      'api/ may import api/, schemas/, temporal/, activities/*/store*.ts, the plumbing at the top of activities/, gateway/relay/, runs/{start,walk,rerun,project,end}.ts, automation/versions.ts, credentials/check.ts, live/ear.ts, steering/start.ts, gateway/start.ts, system/heartbeat.ts, and types of workflows/',
    may: any(
      inRoom('api', 'temporal'),
      (edge) =>
        inRoom('schemas')(edge) &&
        but(inRoom('schemas/migrations'))(edge) &&
        (edge.typeOnly || !inRoom('schemas/tables')(edge)),
      isFile(
        /^activities\/[^/]+\/store[^/]*\.ts$/,
        /^activities\/gateway\/relay\/[^/]+\.ts$/,
        /^activities\/(database|lifecycle|log|outgoing|outgoing-address|seal)\.ts$/,
        /^activities\/(runs\/(?:start|walk|rerun|project|end)|automation\/versions|credentials\/check|live\/ear|steering\/start|gateway\/start|system\/heartbeat)\.ts$/,
      ),
      typeOf(isFile(/^activities\/deps\.ts$/)),
      typeOf(inRoom('workflows')),
      (edge) =>
        !edge.isPath &&
        but(screen, isPackage('@temporalio/worker', '@temporalio/activity', '@temporalio/workflow'))(edge),
    ),
  },
  workers: {
    sentence: 'workers/ may import all but api/, ui/, deploy/ and test/',
    may: any(
      inRoom('workers', 'activities', 'workflows', 'schemas', 'temporal'),
      (edge) => !edge.isPath && !screen(edge),
    ),
  },
  temporal: {
    sentence: 'temporal/ is plumbing: it may import temporal/, schemas/ and packages',
    may: any(inRoom('temporal', 'schemas'), (edge) => !edge.isPath && but(server, screen)(edge)),
  },
  ui: {
    sentence: 'ui/ may import ui/ and schemas/ (no tables, no migrations); the server it knows by its contract',
    may: any(
      inRoom('ui'),
      (edge) => inRoom('schemas')(edge) && but(inRoom('schemas/tables', 'schemas/migrations'))(edge),
      (edge) =>
        !edge.isPath &&
        but(server, isPackage('pg', 'kysely', /^node:/, /^@temporalio\//), valueOf(isPackage('zod')))(edge),
    ),
  },
  deploy: {
    sentence: 'deploy/ may import all but ui/ and test/; the bench runner starts what tests start',
    may: (edge) => !inRoom('ui', 'test')(edge) || isFile(/^test\/harness\/setup\.ts$/)(edge),
  },
}
