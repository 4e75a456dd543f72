import { groups, placesOf, type Group } from './features.ts'
import { open, type Model } from './model.ts'

/** How much each group counts before anything is learnt: signs are few and all present, so each counts less. */
export const strength: Record<Group, (count: number) => number> = {
  words: (count) => 1 / Math.sqrt(count),
  pairs: (count) => 1 / Math.sqrt(count),
  letters: (count) => 1 / Math.sqrt(count),
  signs: () => 0.3,
}

/** How much better than the strong model the weak one is expected to do, from -1 to 1 or a little beyond. */
export function expected(model: Model, prompt: string, task = ''): number {
  const weights = open(model)
  const places = placesOf(prompt)
  let sum = model.base + (Object.hasOwn(model.tasks, task) ? (model.tasks[task] ?? 0) : 0)
  for (const group of groups) {
    const { list, count } = places[group]
    if (count === 0) continue
    const of = weights[group]
    let whole = 0
    for (let at = 0; at < count; at++) whole += of[list[at] as number] as number
    sum += whole * model.groups[group].scale * strength[group](count)
  }
  return sum
}

/** The probability that the cheap model does as well as the strong one, as it was on the rows that the model was trained with. */
export const score = (model: Model, prompt: string, task = ''): number =>
  sigmoid(model.slope * expected(model, prompt, task) + model.offset)

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))
