import type { Node } from '#schemas/automation/definition.ts'
import { isObject } from '#schemas/automation/json.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { isCel, isText } from '#schemas/automation/value.ts'
import { operations } from '#schemas/connectors/operations.ts'
import { casesOf } from '#schemas/automation/kinds/decision.ts'
import { counted } from '../parts/count.ts'
import { momentInShort } from './moment.ts'
import { scheduleInWords } from './schedule/words.ts'

/** A field in a few words: an expression as it is written, a text, a number. */
export const inShort = (value: unknown): string => {
  if (isCel(value)) return value.cel
  if (isText(value)) return value.text
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return counted(value.length, 'entry', 'entries')
  return isObject(value) ? Object.keys(value).join(', ') : ''
}

const waits: Record<string, (told: Record<string, unknown>) => string> = {
  event: (told) => `for ${inShort(told['event'])}`,
  until: (told) => `until ${momentInShort(told['until']) ?? inShort(told['until'])}`,
  schedule: (told) => scheduleInWords(inShort(told['cron']), inShort(told['zone'])) ?? inShort(told['cron']),
}

const says: Record<string, (told: Record<string, unknown>, node: Node) => string> = {
  action: (told) => operations[inShort(told['operation'])]?.title ?? inShort(told['operation']),
  http: (told) => [inShort(told['method'] ?? 'GET'), inShort(told['url']).replace(/^https?:\/\//, '')].join(' '),
  code: (told) => inShort(told['source']).trim().split('\n')[0] ?? '',
  decision: (_told, node) => inShort(casesOf(node)[0]?.when),
  switch: (told) => inShort(told['value']),
  set: (told) => inShort(told['values']),
  map: (told) => inShort(told['items']),
  filter: (told) => inShort(told['keep']),
  aggregate: (told) => `${inShort(told['way'] ?? 'count')} of ${inShort(told['items'])}`,
  ai: (told) => inShort(told['prompt']),
  parallel: (told) =>
    ({
      all: 'until all are through',
      any: 'until one succeeds',
      some: 'until some succeed',
      race: 'until the first ends',
    })[inShort(told['until'])] ?? '',
  loop: (told) =>
    told['over'] === 'while' ? `while ${inShort(told['while'])}` : `for each of ${inShort(told['items'])}`,
  wait: (told) => waits[inShort(told['for'])]?.(told) ?? inShort(told['duration']),
  approval: (told) => inShort(told['ask']),
  subflow: (told) => inShort(told['automation']),
  end: (told) => inShort(told['outcome'] ?? 'done'),
  raise: (told) => inShort(told['code'] ?? 'business_refused'),
  compensate: (told) => inShort(told['why']),
  agent: (told) => inShort(told['task']),
  training: (told) => inShort(told['dataset']),
}

/** What a node does, in the line below its title. */
export const summaryOf = (node: Node): string => {
  const title = kinds[node.kind]?.title ?? node.kind
  const said =
    says[node.kind]?.(node.with ?? {}, node)
      .trim()
      .replaceAll(/\s+/g, ' ') ?? ''
  return said === '' ? title : said
}
