import type { Costs, CostSide, CostSums, Saved } from '#schemas/gateway/costs.ts'
import type { Outcome } from '#schemas/gateway/requests.ts'
import { percentText } from './cache.ts'
import { percent } from './classifiers.ts'
import { costText } from './figures.ts'

export const sideWords: Record<CostSide, string> = {
  asked: 'What was asked for',
  model: 'The model that answered',
  provider: 'Provider',
  key: 'Key',
  rule: 'Rule that decided',
  operation: 'Kind of request',
  tag: 'Tag',
}

/** How those are called that have nothing of it. */
const without: Record<CostSide, string> = {
  asked: 'nothing',
  model: 'nobody',
  provider: 'nobody',
  key: 'the platform itself',
  rule: 'no rule',
  operation: 'nothing',
  tag: 'without this tag',
}

export const groupName = (by: CostSide, { group, name }: { group: string; name: string | null }): string =>
  name ?? (group === '' ? without[by] : group)

/** The colours of groups, the dearest first; the rest is told by a grey. */
export const groupColors = [
  'var(--accent-ink)',
  'var(--completed)',
  'var(--retrying)',
  'var(--running)',
  'var(--code-key)',
  'var(--waiting)',
  'var(--failed)',
  'var(--queued)',
] as const
export const restColor = 'var(--ink-faint)'

/** An hour or a day: what each group cost in it, from the bottom up, and what all would have cost without what saves. */
export type CostBin = { at: number; parts: { group: string; from: number; to: number }[]; cost: number; list: number }

/** All hours or days of the time in their order, also those in which nothing was asked. */
export function costBins(
  { points, groups, by }: Pick<Costs, 'points' | 'groups' | 'by'>,
  days: number,
  now: number,
): CostBin[] {
  const ms = by === 'hour' ? 3_600_000 : 86_400_000
  const all = (days * 86_400_000) / ms
  const last = Math.floor(now / ms) * ms
  const order = [...groups.slice(0, groupColors.length).map(({ group }) => group), 'other']
  const found = Map.groupBy(points, ({ at }) => Date.parse(at))
  return Array.from({ length: all }, (_, n) => {
    const at = last - (all - 1 - n) * ms
    const of = found.get(at) ?? []
    let cost = 0
    const parts = order.flatMap((group) => {
      const one = of.find((point) => point.group === group)
      return one === undefined ? [] : [{ group, from: cost, to: (cost += one.cost) }]
    })
    return { at, parts, cost, list: of.reduce((sum, point) => sum + point.list, 0) }
  })
}

/** How much of what it would have cost was saved: null where it would have cost nothing. */
export const savedShare = ({ cost, list }: Pick<CostSums, 'cost' | 'list'>): number | null =>
  list <= 0 ? null : (list - cost) / list

/** What was saved of what it would have cost, and how much of the quality that has kept, where the quality guard knows. */
export function savedText(sums: Pick<CostSums, 'cost' | 'list' | 'guard'>, kept: { value: number } | null): string {
  const share = savedShare(sums)
  if (share === null) return 'nothing to save yet'
  if (share < 0 && sums.guard > 0) return `the quality guard cost ${costText(sums.guard)}, more than was saved`
  const quality = kept === null ? '' : `, ${percent(kept.value)} of the quality kept`
  return `${percentText(Math.max(0, share))} of ${costText(sums.list)}${quality}`
}

export const leverWords: Record<keyof Saved, { title: string; method: string }> = {
  cache: {
    title: 'Answers given again',
    method: 'What they would have cost had the model that was asked for read and written the same tokens.',
  },
  promptCache: {
    title: 'Prompt caches of providers',
    method: 'What the cached part of prompts would have cost as fresh input, less what writing into the caches cost.',
  },
  routing: {
    title: 'Rules that chose another model',
    method:
      'What the model that was asked for would have cost at the same number of tokens. It may have needed more, or fewer.',
  },
  marks: {
    title: 'Marked prompts',
    method:
      'What prompts that were marked for the caches of providers would have cost without marks: all of it read anew, and nothing written.',
  },
  trimming: {
    title: 'Trimmed prompts',
    method:
      'What the passages that were left out would have cost to read, counted as four letters to a token, with the same share of them out of prompt caches.',
  },
}

export const guardWords = {
  title: 'Quality guard',
  method: 'What it asked of models that were not used, and of the judge. It counts against what was saved.',
}

/** What was saved of one request, by those levers that were at work. */
export const savedParts = (saved: Saved | null): { title: string; usd: number }[] =>
  (Object.keys(leverWords) as (keyof Saved)[]).flatMap((name) =>
    saved === null || saved[name] === 0 ? [] : [{ title: leverWords[name].title, usd: saved[name] }],
  )

/** Where the requests of a group are listed; undefined where they cannot be asked for by it. */
export const filterOf = (
  by: CostSide,
  group: string,
): { model?: string; key?: string; outcome?: Outcome } | undefined => {
  if (group === '') return undefined
  if (by === 'asked' || by === 'model') return { model: group }
  return by === 'key' ? { key: group } : undefined
}

const quoted = (value: string): string => {
  // a cell that begins so would be worked out by a spreadsheet
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return `"${safe.replaceAll('"', '""')}"`
}

/** The groups as a table for a spreadsheet: money in US dollars. */
export const csvOf = (by: CostSide, { groups }: Pick<Costs, 'groups'>): string =>
  [
    'group,id,requests,without price,cost,without savings,saved by cache,saved by prompt caches,saved by rules,saved by marks,saved by trimming,of the cost by the quality guard,tokens in,of them cached,tokens out',
    ...groups.map((one) =>
      [
        quoted(groupName(by, one)),
        quoted(one.group),
        one.requests,
        one.unpriced,
        one.cost,
        one.list,
        one.saved.cache,
        one.saved.promptCache,
        one.saved.routing,
        one.saved.marks,
        one.saved.trimming,
        one.guard,
        one.tokens.input,
        one.tokens.cached,
        one.tokens.output,
      ].join(','),
    ),
  ].join('\r\n')
