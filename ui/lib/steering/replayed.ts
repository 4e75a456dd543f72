import type { Replay } from '#schemas/steering/replays.ts'

/** How much more or less the second is: `−12 %`; nothing where one is not known, or both are the same. */
export function differenceText(before: number | null, after: number | null): string {
  if (before === null || after === null || before === after) return ''
  if (before === 0) return 'new'
  const percent = Math.round(((after - before) / before) * 100)
  return percent === 0 ? 'less than 1 %' : `${percent > 0 ? '+' : '−'}${Math.abs(percent).toLocaleString('en')} %`
}

export type ModelBar = { model: string; before: number; after: number; most: number }

/** The models of both sides with their requests, those that change most first. */
export function modelBars({ before, after }: Pick<Replay, 'before' | 'after'>): ModelBar[] {
  const of = (side: Replay['before'], model: string) => side.models.find((one) => one.model === model)?.requests ?? 0
  const names = [...new Set([...before.models, ...after.models].map(({ model }) => model))]
  const all = names.map((model) => ({ model, before: of(before, model), after: of(after, model) }))
  const most = Math.max(1, ...all.flatMap((one) => [one.before, one.after]))
  return all
    .toSorted((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before) || b.before - a.before)
    .map((one) => ({ ...one, most }))
}
