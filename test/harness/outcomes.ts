import type { Outcome } from '#schemas/gateway/classifier/outcome.ts'
import { drawing } from '../bench/savings-measure.ts'

const topics: { task: string; words: string; strong: number; weak: number }[] = [
  { task: 'sums', words: 'add the numbers price total cost each', strong: 0.9, weak: 0.4 },
  { task: 'greetings', words: 'hello write friendly reply thanks customer', strong: 0.95, weak: 0.94 },
  { task: 'law', words: 'contract clause liability warranty statute court', strong: 0.85, weak: 0.55 },
  { task: 'facts', words: 'capital country river year name city', strong: 0.9, weak: 0.85 },
  { task: 'parts', words: 'brake filter engine oil belt bolt', strong: 0.88, weak: 0.7 },
]
const hard = 'prove derive exactly jurisdiction'.split(' ')

/** Outcomes whose ease depends on the kind of task and on words that have been drawn into the prompt: learnable, and not certain. */
export function drawnOutcomes(count: number, seed: number): Outcome[] {
  const random = drawing(seed)
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  return Array.from({ length: count }, (_, n) => {
    const { task, words, strong, weak } = oneOf(topics)
    const isHard = random() < 0.4
    const list = words.split(' ')
    const said = Array.from({ length: 8 + Math.floor(random() * 10) }, () => oneOf(list))
    if (isHard) said.push(oneOf(hard))
    const right = (chance: number) => (random() < chance ? 1 : 0)
    return {
      task,
      prompt: `${said.join(' ')} ${n}?`,
      strong: right(strong - (isHard ? 0.05 : 0)),
      weak: right(weak - (isHard ? 0.35 : 0)),
    }
  })
}

/** Outcomes as a table that is given to train a classifier. */
export const csvOf = (rows: readonly Outcome[]): string =>
  [
    'domain,prompt,strong_ok,weak_ok',
    ...rows.map(({ task, prompt, strong, weak }) => `${task},"${prompt.replaceAll('"', '""')}",${strong},${weak}`),
    '',
  ].join('\n')
