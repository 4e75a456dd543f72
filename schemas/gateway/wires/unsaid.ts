import type { Extra, JsonMembers, Unsaid, WireName } from './dialogue.ts'

/** Members of single wires on which no answer hangs: how it is kept, counted, cached and sent. */
const labels = new Set([
  'store',
  'safety_identifier',
  'stream_options',
  'prompt_cache_options',
  'prompt_cache_retention',
  'cache_control',
  'inference_geo',
  'diagnostics',
  'user_profile_id',
  'workspace_id',
  'system_fingerprint',
  'include',
  'phase',
  'truncation',
  'citations',
  'annotations',
  'stop_details',
  'stop_reason',
  'finish_reason',
])

/** Notes down what a wire cannot say while it writes: nothing is left out without a line here. */
export class Unsayable {
  readonly unsaid: Unsaid[] = []
  readonly wire: WireName

  constructor(wire: WireName) {
    this.wire = wire
  }

  /** Something that may change the answer. */
  lost(path: string, sentence: string): undefined {
    this.unsaid.push({ path, sentence, matters: true })
    return undefined
  }
  /** Something that may change the answer a little: it is said as nearly as this wire can. */
  nearly(path: string, sentence: string): undefined {
    this.unsaid.push({ path, sentence, matters: true, near: true })
    return undefined
  }
  /** Something that the answer does not hang on: a mark for the cache, a label, a preference. */
  passedOver(path: string, sentence: string): undefined {
    this.unsaid.push({ path, sentence, matters: false })
    return undefined
  }
  /** Notes each member that is set and that this wire has no word for. */
  none<T extends object>(of: T, path: string, words: Partial<Record<keyof T, string>>): void {
    for (const [key, what] of Object.entries(words))
      if ((of as JsonMembers)[key] !== undefined)
        this.passedOver(`${path}/${key}`, `${this.wire} has no word for ${String(what)}.`)
  }
  /** The members that only this wire knows, to be written back; those of another wire are lost here. */
  extra(extra: Extra | undefined, path: string): JsonMembers {
    if (extra === undefined) return {}
    if (extra.wire === this.wire) return extra.members
    for (const key of Object.keys(extra.members)) {
      const sentence = `Only ${extra.wire} has “${key}”; ${this.wire} cannot say it.`
      if (labels.has(key)) this.passedOver(`${path}/${key}`, sentence)
      else this.lost(`${path}/${key}`, sentence)
    }
    return {}
  }
  /** A part, tool or turn of one wire alone: as it was for that wire, nothing for another. */
  foreign(is: { wire: WireName; value: JsonMembers }, path: string): JsonMembers | undefined {
    if (is.wire === this.wire) return is.value
    const kind = typeof is.value['type'] === 'string' ? is.value['type'] : Object.keys(is.value)[0]
    this.lost(path, `Only ${is.wire} has “${kind ?? '?'}”; ${this.wire} cannot say it.`)
    return undefined
  }
}
