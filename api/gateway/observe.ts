import type { Observer } from '#activities/gateway/relay/start.ts'
import type { BudgetFigures } from '#activities/gateway/store-budgets.ts'
import { budgetFigures } from './figure-budgets.ts'
import { figures, type Failed, type Measured, type Named } from './figure-names.ts'
import { healthFigures, HealthSeen } from './figure-health.ts'
import { AllSeries, type Series } from './series.ts'

type Labels = Readonly<Record<string, string>>
/** A figure as Prometheus is told it. */
export type Told = {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  values: { labels: string; value: number; metricName?: string; bucket?: string }[]
}

/**
 * Counts requests to models, once each, and tells them under the names of several gateways when it is asked: what a request
 * costs here does not grow with the names.
 */
export class GatewayFigures implements Observer {
  readonly #series = new AllSeries()
  readonly #health = new HealthSeen()
  readonly over: Observer['over'] = (row, caller) => this.#series.add(row, caller)
  readonly changed: Observer['changed'] = (change) => this.#health.see(change)

  /** All that was counted, and how budgets stand at `now` (ms since 1970). */
  tell(budgets: readonly BudgetFigures[], now: number): Told[] {
    const counted = figures.map((named) => told(named, this.#series.values()))
    return [...counted, ...healthFigures(this.#health), ...budgetFigures(budgets, now)].filter(
      ({ values }) => values.length > 0,
    )
  }
}

/** As Prometheus reads it (its "Exposition formats", text). */
export const textOf = (all: readonly Told[]): string => all.map(written).join('')

const written = ({ name, help, type, values }: Told): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${values.map((one) => lineOf(name, one)).join('')}`

const lineOf = (name: string, { metricName = name, labels, bucket, value }: Told['values'][number]): string =>
  `${metricName}{${labels}${bucket === undefined ? '' : `,le="${bucket}"`}} ${value}\n`

/** Labels as they are written, so that the many lines of one series share them. */
export const labelsOf = (labels: Labels): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}="${value.replaceAll(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`)
    .join(',')

const told = (named: Named, all: Iterable<Series>): Told => {
  const { name, help } = named
  const series = [...all]
  if ('spread' in named)
    return { name, help, type: 'histogram', values: series.flatMap((one) => bucketsOf(named, one)) }
  if ('byFailure' in named)
    return { name, help, type: 'counter', values: series.flatMap((one) => failuresOf(named, one)) }
  const values = series.map((one) => ({ labels: labelsOf(named.labels(one.labels)), value: named.read(one) }))
  return { name, help, type: 'counter', values }
}

const failuresOf = (named: Failed, { labels, failures }: Series): Told['values'] =>
  [...failures].map(([why, value]) => {
    const [status = '', kind = ''] = why.split(' ')
    return { labels: labelsOf(named.labels(labels, status, kind)), value }
  })

const bucketsOf = (named: Measured, one: Series): Told['values'] => {
  const { name, per } = named
  const spread = named.spread(one)
  if (spread.count === 0) return []
  const labels = labelsOf(named.labels(one.labels))
  let sum = 0
  const ends = [...spread.bounds.map((bound) => String(round(bound * per))), '+Inf']
  const buckets = ends.map((bucket, n) => ({
    metricName: `${name}_bucket`,
    labels,
    bucket,
    value: (sum += spread.counts[n] ?? 0),
  }))
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: spread.sum * per },
    { metricName: `${name}_count`, labels, value: spread.count },
  ]
}

/** Without what binary fractions add: `0.0005`, not `0.0005000000000000001`. */
const round = (value: number): number => Number(value.toPrecision(6))
