import type { Db, Tx } from '#activities/database.ts'
import { documentShape, type SteeringDocument } from '#schemas/steering/document.ts'
import { plainValue, readSource } from '#schemas/steering/source.ts'
import { together, type InForce, type Together } from '#schemas/steering/together.ts'
import { withdrawnRules, type RuleName } from '#activities/gateway/store-quality.ts'
import { everybody } from './store-force.ts'

/** The rules of a tenant: those for everybody, and for keys that have their own; null where there are none. */
export type Steering = {
  tenant: { id: string; name: string }
  everybody: Together | null
  keys: ReadonlyMap<string, Together | null>
}

/** What is in force: which version of which policy, for whom. */
type Row = { policy_id: string; scope: string; version: string; number: number }

/** The most plans that are kept. */
const most = 1000

/** Reads what is in force, and makes plans of it: anew only where other versions are. */
export class Plans {
  readonly #plans = new Map<string, Together>()

  async of(system: Db, tenant: string): Promise<Steering> {
    const [rows, named, withdrawn] = await Promise.all([
      inForce(system, tenant).execute(),
      system.selectFrom('tenant').select(['id', 'name']).where('id', '=', tenant).executeTakeFirst(),
      withdrawnRules(system, tenant),
    ])
    const own = new Set(rows.flatMap(({ scope }) => (scope === everybody ? [] : [scope])))
    const keys = new Map<string, Together | null>()
    for (const key of own) keys.set(key, await this.#plan(system, tenant, forScope(rows, key), withdrawn))
    return {
      tenant: named ?? { id: tenant, name: '' },
      everybody: await this.#plan(system, tenant, forScope(rows, everybody), withdrawn),
      keys,
    }
  }

  async #plan(
    system: Db,
    tenant: string,
    rows: readonly Row[],
    withdrawn: readonly RuleName[],
  ): Promise<Together | null> {
    if (rows.length === 0) return null
    const name = [...rows.map(({ policy_id, version }) => `${policy_id} ${version}`), ...withdrawn.map(nameOf)].join(
      ' ',
    )
    const known = this.#plans.get(name)
    if (known !== undefined) return known
    const made = together((await documentsOf(system, tenant, rows)).map((one) => without(one, withdrawn)))
    if (this.#plans.size >= most) this.#plans.delete(this.#plans.keys().next().value as string)
    this.#plans.set(name, made)
    return made
  }
}

const nameOf = ({ policy, rule }: RuleName): string => `${policy}/${rule}`

/** A version without those of its rules that the quality guard has taken out of force. */
const without = (version: InForce, withdrawn: readonly RuleName[]): InForce => {
  const out = new Set(withdrawn.flatMap(({ policy, rule }) => (policy === version.policy ? [rule] : [])))
  if (out.size === 0) return version
  const { document } = version
  return { ...version, document: { ...document, rules: document.rules.filter(({ id }) => !out.has(id)) } }
}

/** The guardrails that rules in force call for, whoever they are for, each with one of those rules. */
export async function namesInForce(tx: Tx, tenant: string): Promise<Map<string, string>> {
  const documents = await documentsOf(tx, tenant, await inForce(tx, tenant).execute())
  const rules = documents.flatMap(({ document }) => document.rules)
  return new Map(
    rules.flatMap(({ id, also }) => Object.keys(also?.guardrail ?? {}).map((name): [string, string] => [name, id])),
  )
}

/** The documents in force for a key, or for who has nothing of their own. */
export async function documentsInForce(tx: Tx, tenant: string, key: string | null): Promise<InForce[]> {
  const withdrawn = await withdrawnRules(tx, tenant)
  const documents = await documentsOf(tx, tenant, forScope(await inForce(tx, tenant).execute(), key ?? everybody))
  return documents.map((one) => without(one, withdrawn))
}

const inForce = (system: Db, tenant: string) =>
  system
    .selectFrom('steering_publication as p')
    .innerJoin('steering_policy as o', 'o.id', 'p.policy_id')
    .innerJoin('steering_version as v', (join) =>
      join
        .onRef('v.tenant_id', '=', 'p.tenant_id')
        .onRef('v.policy_id', '=', 'p.policy_id')
        .onRef('v.version', '=', 'p.version'),
    )
    .select(['p.policy_id', 'p.scope', 'p.version', 'v.number'])
    .where('p.tenant_id', '=', tenant)
    .where('o.archived_at', 'is', null)
    .orderBy('p.policy_id')

/** For each policy what is in force for the scope itself, else for everybody. */
const forScope = (rows: readonly Row[], scope: string): Row[] => {
  const found = new Map<string, Row>()
  for (const row of rows)
    if (row.scope === scope || (row.scope === everybody && !found.has(row.policy_id))) found.set(row.policy_id, row)
  return [...found.values()]
}

const documentsOf = async (system: Db, tenant: string, rows: readonly Row[]): Promise<InForce[]> => {
  if (rows.length === 0) return []
  const texts = await system
    .selectFrom('steering_version')
    .select(['policy_id', 'version', 'text'])
    .where('tenant_id', '=', tenant)
    .where(
      'version',
      'in',
      rows.map(({ version }) => version),
    )
    .execute()
  return rows.map(({ policy_id: policy, version, number }) => {
    const text = texts.find((one) => one.policy_id === policy && one.version === version)?.text ?? ''
    return { policy, number, document: documentOf(text) }
  })
}

/**
 * The document of a version that was published: checks grow stricter with time, and what is in force stays so. One that cannot
 * be read at all is a fault of ours; requests are then not served as if there were no rules.
 */
export const documentOf = (text: string): SteeringDocument => documentShape.parse(plainValue(readSource(text)))
